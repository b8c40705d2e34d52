import { expect } from 'chai';
import { clusteredShare } from '../../../../src/domain/statistics/clustered-share.js';
import { correctRate, type JudgedCase } from '../../../../src/domain/statistics/rogan-gladen.js';
import { decisionFixtures } from './decision-fixtures.js';

const judged = ({ yes, of, name = 'c' }: { yes: number; of: number; name?: string }): JudgedCase[] =>
  Array.from({ length: of }, (_, i) => ({ cluster: `${name}${i}`, yes: i < yes }));
const labelsOf = ({ tp, ill, tn, well }: Record<'tp' | 'ill' | 'tn' | 'well', number>) => ({
  positives: judged({ yes: tp, of: ill }),
  negatives: judged({ yes: well - tn, of: well }),
});
const good = labelsOf({ tp: 90, ill: 100, tn: 95, well: 100 });
const correct = (cases: readonly JudgedCase[], labels = good, seed = 1) =>
  correctRate({ cases, labels, alpha: 0.05, seed });

describe('correctRate', () => {
  it('has the rate and the interval of numpy’s draws from the same distributions', () => {
    for (const one of decisionFixtures.roganGladen) {
      const result = correct(judged({ yes: one.positives, of: one.n }), labelsOf(one));
      expect(result.youden!.low).to.be.closeTo(one.youdenLow, 0.01);
      if (one.youdenLow < 0.3) {
        expect(result).to.deep.include({ verdict: 'refused', rate: null, interval: null });
        expect(result.reason).to.match(/may be as low as 0\.2\d+ < 0\.3: sensitivity 0\.675 .* of 40 and 90 labels/);
        continue;
      }
      expect(result.verdict).to.equal('estimated');
      expect(result.rate).to.be.closeTo(one.rate, 1e-12);
      expect(result.interval!.low).to.be.closeTo(one.interval[0], 0.006);
      expect(result.interval!.high).to.be.closeTo(one.interval[1], 0.006);
    }
  });

  it('quotes both rates, interval, n and the labels', () => {
    const { reason } = correct(judged({ yes: 60, of: 200 }));
    expect(reason).to.match(
      /^judge says 0.3 of 200 cases, corrected 0.2941 \(95 % interval .*\), by sensitivity 0.9 and specificity 0.95 of 100 and 100 labels$/,
    );
  });

  it('refuses under the floors, naming each', () => {
    const few = correct(judged({ yes: 3, of: 19 }), labelsOf({ tp: 10, ill: 12, tn: 29, well: 29 }));
    expect(few.verdict).to.equal('refused');
    expect(few.reason).to.equal(
      "too little to correct the judge's rate: 12 labelled positives < 30 and 29 labelled negatives < 30 and 19 clusters < 20",
    );
    expect(few.judged).to.be.closeTo(3 / 19, 1e-12);
  });

  it('widens with fewer labels, and gives the same bits again', () => {
    const cases = judged({ yes: 60, of: 200 });
    const width = ({ interval }: ReturnType<typeof correct>): number => interval!.high - interval!.low;
    const small = correct(cases, labelsOf({ tp: 36, ill: 40, tn: 38, well: 40 }));
    expect(width(small)).to.be.greaterThan(1.1 * width(correct(cases)));
    expect(correct(cases)).to.deep.equal(correct(cases));
    expect(correct(cases, good, 2).interval).not.to.deep.equal(correct(cases).interval);
  });
});

describe('clusteredShare', () => {
  it('counts single cases as they are', () => {
    const { effective, share } = clusteredShare({ cases: judged({ yes: 30, of: 100 }), alpha: 0.05 });
    expect(share).to.equal(0.3);
    expect(effective).to.be.closeTo(99, 1e-9);
  });

  it('counts clusters that speak with one voice once, and few of them less', () => {
    const same = judged({ yes: 30, of: 100 }).flatMap((one) => [one, one, one, one]);
    expect(clusteredShare({ cases: same, alpha: 0.05 }).effective).to.be.within(95, 99);
    const rare = judged({ yes: 2, of: 40 }).flatMap((one) => [one, one]);
    expect(clusteredShare({ cases: rare, alpha: 0.05 }).effective).to.be.within(36, 40);
  });

  it('knows one cluster as one case', () => {
    const cases = [true, false, true].map((yes) => ({ cluster: 'one', yes }));
    expect(clusteredShare({ cases, alpha: 0.05 }).effective).to.equal(1);
    expect(() => clusteredShare({ cases: [], alpha: 0.05 })).to.throw(RangeError, 'share of no cases');
  });
});
