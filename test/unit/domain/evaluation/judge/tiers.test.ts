import { expect } from 'chai';
import { auditOf, isAudited, isUnsure, tierOf } from '../../../../../src/domain/evaluation/judge/tiers.js';

const range = { low: 0, high: 1 };
const tier = (changes: Partial<Parameters<typeof tierOf>[0]>) =>
  tierOf({
    caseId: 'g1',
    scores: [1, 1],
    range,
    disagreement: null,
    auditShare: 0,
    seed: 1,
    ...changes,
  });

describe('tiers', () => {
  it('leave clear cases to the cheap judge', () => {
    expect(tier({})).to.equal(null);
    expect(tier({ scores: [1, 0] })).to.equal(null);
  });

  it('send a case to the strong judge when any arm is open, and for the audit', () => {
    expect(tier({ scores: [1, 0.5] })).to.equal('unsure');
    expect(tier({ scores: [1, null] })).to.equal('unsure');
    expect(tier({ auditShare: 1 })).to.equal('audit');
  });

  it('hold the calibrated disagreement above the middle of the range', () => {
    const disagreement = [
      { low: 0, high: 0.4, share: 0.5 },
      { low: 0.4, high: 0.8, share: 0.1 },
    ];
    expect(isUnsure({ score: 0.1, range, disagreement })).to.equal(true);
    expect(isUnsure({ score: 0.5, range, disagreement })).to.equal(false);
    expect(isUnsure({ score: 0.9, range, disagreement }), 'never calibrated there').to.equal(true);
  });

  it('audit about the share asked for, the same cases for the same seed', () => {
    const ids = Array.from({ length: 4000 }, (_, index) => `g${index}`);
    const audited = (seed: number) => ids.filter((caseId) => isAudited({ caseId, auditShare: 0.05, seed }));
    expect(audited(1).length).to.be.within(150, 250);
    expect(audited(1)).to.deep.equal(audited(1));
    expect(audited(1)).not.to.deep.equal(audited(2));
  });

  it('say what the cheap judge misses', () => {
    const pairs = [
      { cheap: 1, strong: 0.5 },
      { cheap: 0.5, strong: 1 },
      { cheap: null, strong: 1 },
    ];
    expect(auditOf(pairs)).to.deep.equal({ cases: 2, meanDifference: 0, meanDistance: 0.5 });
    expect(auditOf([])).to.deep.equal({ cases: 0, meanDifference: null, meanDistance: null });
  });
});
