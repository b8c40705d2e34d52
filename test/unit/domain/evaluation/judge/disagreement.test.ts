import { expect } from 'chai';
import type { CalibrationRow } from '../../../../../src/domain/evaluation/judge-calibration.js';
import { disagreementOf } from '../../../../../src/domain/evaluation/judge/disagreement.js';
import { isUnsure } from '../../../../../src/domain/evaluation/judge/tiers.js';

const row = (judge: number | null, human: number, index: number): CalibrationRow => ({
  ...{ id: `${index}`, cluster: `${index}`, judge, human },
  ...{ length: null, style: null, places: null },
});
const share = { low: 0, high: 1 };

describe('disagreementOf', () => {
  it('counts by quarters of the range, the last with its end, and leaves out those with under ten labels', () => {
    const rows = [
      ...Array.from({ length: 20 }, (_, i) => row(0.1, i < 5 ? 1 : 0, i)),
      ...Array.from({ length: 12 }, (_, i) => row(0.5, 1, 20 + i)),
      ...Array.from({ length: 10 }, (_, i) => row(1, i === 0 ? 0 : 1, 32 + i)),
      ...Array.from({ length: 9 }, (_, i) => row(0.3, 1, 42 + i)),
      row(null, 1, 60),
    ];
    const found = disagreementOf({ rows, range: share, passAt: 0.5, ordered: false });
    expect(found).to.deep.equal([
      { low: 0, high: 0.25, share: 0.25 },
      { low: 0.5, high: 0.75, share: 0 },
      { low: 0.75, high: 1, share: 0.1 },
    ]);
    const unsure = (score: number): boolean => isUnsure({ score, range: share, disagreement: found });
    expect([0.1, 0.3, 0.5, 0.75, 1].map(unsure)).to.deep.equal([true, true, false, false, false]);
  });

  it('takes a rating that is a point off for agreement', () => {
    const rows = [
      ...Array.from({ length: 10 }, (_, i) => row(4, 5, i)),
      ...Array.from({ length: 10 }, (_, i) => row(1, i < 4 ? 3 : 1, 10 + i)),
    ];
    expect(disagreementOf({ rows, range: { low: 1, high: 5 }, passAt: 4, ordered: true })).to.deep.equal([
      { low: 1, high: 2, share: 0.4 },
      { low: 4, high: 5, share: 0 },
    ]);
  });
});
