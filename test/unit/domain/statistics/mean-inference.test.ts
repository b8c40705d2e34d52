import { expect } from 'chai';
import { inferMean, intervalOf, pValueOf } from '../../../../src/domain/statistics/mean-inference.js';

/** Forty clusters of one case, nearly all equal and two far out to one side: there the two methods part. */
const sums = Float64Array.from({ length: 40 }, (_, n) => (n < 2 ? 10 : (n % 3) * 0.1));
const infer = (informative: number) =>
  inferMean({ clusters: { sums, sizes: new Float64Array(40).fill(1), squares: 0 }, informative, seed: 1 });

/** Student's t with 39 degrees of freedom at 97.5 %, from tables. */
const student = 2.0227;

describe('inference on a mean', () => {
  it('takes the wider end of bootstrap and Student where few clusters are informative', () => {
    const few = infer(49);
    const many = infer(50);
    const [small, large] = [few, many].map((mean) => intervalOf({ mean, level: 0.95 }));
    const { estimate, standardError } = few;
    const reach = student * standardError;
    expect(small!.low).to.be.closeTo(Math.min(large!.low, estimate - reach), 1e-3);
    expect(small!.high).to.be.closeTo(Math.max(large!.high, estimate + reach), 1e-3);
    expect(small).to.not.deep.equal(large);
  });

  it('gives each end of the interval the p-value that the level leaves', () => {
    for (const informative of [49, 50]) {
      const mean = infer(informative);
      const { low, high } = intervalOf({ mean, level: 0.95 });
      for (const end of [low, high]) expect(pValueOf({ mean, value: end })).to.be.closeTo(0.05, 0.001);
    }
  });
});
