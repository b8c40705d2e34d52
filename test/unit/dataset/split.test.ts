import { expect } from 'chai';
import fc from 'fast-check';
import { splitOf } from '../../../src/domain/dataset/split.js';

describe('split', () => {
  it('puts about the wanted share of clusters into validation', () => {
    const clusters = Array.from({ length: 20_000 }, (_, index) => `customer-${index}`);
    const validating = clusters.filter((cluster) => splitOf({ cluster, seed: 1, share: 0.1 }) === 'validation');
    expect(validating.length / clusters.length).to.be.closeTo(0.1, 0.01);
  });

  it('never moves a cluster when rows are added, and a larger share only adds to validation', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (cluster, seed, share) => {
        const before = splitOf({ cluster, seed, share });
        expect(splitOf({ cluster, seed, share })).to.equal(before);
        if (before === 'validation') {
          expect(splitOf({ cluster, seed, share: Math.min(1, share + 0.1) })).to.equal('validation');
        }
      }),
    );
  });

  it('splits otherwise under another seed', () => {
    const sides = (seed: number): string =>
      Array.from({ length: 64 }, (_, index) => splitOf({ cluster: `c${index}`, seed, share: 0.5 })).join();
    expect(sides(1)).not.to.equal(sides(2));
  });
});
