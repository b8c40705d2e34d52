import { expect } from 'chai';
import type { ReportShadow } from '../../../src/domain/report/report-shadow.js';
import { shadowSection } from '../../../src/report/shadow-section.js';

const arm = {
  ...{ pairs: 40, errors: {}, empty: 0, refusals: 1, latencyP50: 210.4, latencyP95: 430 },
  ...{ promptTokens: 800, completionTokens: 300, costUsd: 0.0014 },
};
const shadow: ReportShadow = {
  ...{ startedAt: '2026-03-01T00:00:00.000Z', at: '2026-03-01T06:00:00.000Z', over: false, reason: 'a loss', left: 3 },
  judge: { name: 'cheap', decides: false, reason: 'never calibrated', spentUsd: 0.5, budgetUsd: 5 },
  figures: { champion: arm, challenger: { ...arm, errors: { timeout: 2 }, latencyP95: null } },
  disagreements: {
    pairs: 15,
    clusters: Array.from({ length: 12 }, (_, n) => ({
      ...{ kind: 'only the challenger refused', words: ['refund', '<b>'], pairs: 13 - n },
      examples: n === 0 ? [{ id: 'p1', question: 'A <refund>?', championAnswer: 'Yes.', challengerAnswer: null }] : [],
    })),
  },
};

describe('shadow in the report', () => {
  it('shows both arms side by side, and disagreements largest first, escaped', () => {
    const { text } = shadowSection({ shadow })!;
    expect(text).to.contain('no user saw those answers. It ended early');
    expect(text).to.contain('cheap compared them blind in both orders for 0.5000 of 5.00 USD and decided nothing');
    expect(text).to.contain('3 pairs over what is kept were not looked at.');
    expect(text).to.contain('2 (timeout 2)');
    expect(text).to.contain('430 ms');
    expect(text).to.contain('13 pairs: only the challenger refused');
    expect(text).to.contain('A &lt;refund&gt;?');
    expect(text).to.contain('(no answer)');
    expect(text).to.not.contain('<b>,');
    // Ten groups are shown; those of 3 and 2 pairs are counted.
    expect(text).to.contain('And 5 more pairs in smaller groups.');
  });

  it('says that nobody compared, and that nothing disagreed', () => {
    const quiet = { ...shadow, judge: null, disagreements: { pairs: 0, clusters: [] }, left: 0, over: true };
    const { text } = shadowSection({ shadow: quiet })!;
    expect(text).to.contain('No judge compared the answers: only harm was looked for.');
    expect(text).to.contain('In no pair did the answers disagree.');
    expect(text).to.contain('when its time was over');
  });

  it('is left out where there was none', () => {
    expect(shadowSection({ shadow: null })).to.equal(null);
  });
});
