import { expect } from 'chai';
import type { Verdict } from '../../../src/domain/release/verdict.js';
import type { ReportShadow } from '../../../src/domain/report/report-shadow.js';
import { shadowSection } from '../../../src/report/shadow-section.js';

const arm = {
  pairs: 40,
  errors: {},
  empty: 0,
  refusals: 1,
  latencyP50: 210.4,
  latencyP95: 430,
  promptTokens: 800,
  completionTokens: 300,
  costUsd: 0.0014,
};
const shadow: ReportShadow = {
  startedAt: '2026-03-01T00:00:00.000Z',
  at: '2026-03-01T06:00:00.000Z',
  over: false,
  left: 3,
  verdict: 'fail',
  reason: 'refusals: 9 of 40 pairs',
  verdicts: [],
  judge: { name: 'cheap', decides: false, reason: 'never calibrated', spentUsd: 0.5, budgetUsd: 5 },
  figures: { champion: arm, challenger: { ...arm, errors: { timeout: 2 }, latencyP95: null } },
  disagreements: {
    pairs: 15,
    clusters: Array.from({ length: 12 }, (_, n) => ({
      kind: 'only the challenger refused',
      words: ['refund', '<b>'],
      pairs: 13 - n,
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
    expect(text).to.contain('Verdict fail: refusals: 9 of 40 pairs.');
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

  it('says what the judge preferred where it passed', () => {
    const gate = (name: string, reason: string): Verdict => ({
      gate: `shadow: ${name}`,
      verdict: 'pass',
      reason,
      value: null,
      bound: null,
      limit: null,
      n: 40,
      evidence: null,
    });
    const verdicts = [gate('pairs', '40 pairs >= 40'), gate('preference', 'mean preference 0.61, over 0.45')];
    const passed = { ...shadow, verdict: 'pass' as const, reason: 'every gate', verdicts };
    expect(shadowSection({ shadow: passed })!.text).to.contain('Verdict pass: mean preference 0.61, over 0.45.');
    const alone = { ...passed, verdicts: verdicts.slice(0, 1) };
    expect(shadowSection({ shadow: alone })!.text).to.contain('Verdict pass: 40 pairs &gt;= 40.');
  });

  it('is left out where there was none', () => {
    expect(shadowSection({ shadow: null })).to.equal(null);
  });
});
