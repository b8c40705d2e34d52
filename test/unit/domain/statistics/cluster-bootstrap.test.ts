import { expect } from 'chai';
import fc from 'fast-check';
import { clusterBootstrap } from '../../../../src/domain/statistics/cluster-bootstrap.js';
import { inferMean, intervalOf, pValueOf } from '../../../../src/domain/statistics/mean-inference.js';
import { sumByCluster } from '../../../../src/domain/statistics/paired-cases.js';
import { fixtures } from './fixtures.js';

const { clustered } = fixtures;
const clusters = sumByCluster(clustered.rows.map(([cluster, value]) => ({ cluster: String(cluster), value })));

describe('cluster bootstrap', () => {
  it('has the mean and the cluster-robust error of statsmodels', () => {
    const mean = clusterBootstrap({ clusters, seed: 1 });
    expect(mean.estimate).to.be.closeTo(clustered.mean, 1e-12);
    expect(mean.standardError).to.be.closeTo(clustered.standardError, 1e-12);
  });

  it('agrees with 400,000 resamples in numpy within the error of 10,000', () => {
    const mean = inferMean({ clusters, informative: 60, seed: 1 });
    const { low, high } = intervalOf({ mean, level: 0.95 });
    expect(low).to.be.closeTo(clustered.interval[0], 0.05 * clustered.standardError);
    expect(high).to.be.closeTo(clustered.interval[1], 0.08 * clustered.standardError);
    expect(pValueOf({ mean, value: 0 })).to.be.closeTo(clustered.pValueAtZero, 0.015);
  });

  it('gives the same bits for the same seed, and these bits on every machine', () => {
    const once = clusterBootstrap({ clusters, seed: 7 });
    expect(clusterBootstrap({ clusters, seed: 7 }).endpoints).to.deep.equal(once.endpoints);
    expect(clusterBootstrap({ clusters, seed: 8 }).endpoints).not.to.deep.equal(once.endpoints);
    expect([once.endpoints[0], once.endpoints[5000], once.endpoints[9999]]).to.deep.equal([
      -0.07741638982048075, -0.0242131313330137, 0.03978904352676238,
    ]);
  });

  it('never lets interval and p-value disagree', () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.record({ cluster: fc.integer({ min: 0, max: 60 }).map(String), value }), {
          minLength: 2,
          maxLength: 120,
        }),
        value,
        fc.constantFrom(0.01, 0.05, 0.1),
        fc.integer({ min: 0, max: 80 }),
        (cases, tested, alpha, informative) => {
          const mean = inferMean({ clusters: sumByCluster(cases), informative, seed: 3, resamples: 999 });
          const { low, high } = intervalOf({ mean, level: 1 - alpha });
          const outside = tested < low || tested > high;
          expect(pValueOf({ mean, value: tested }) <= alpha + 1e-12).to.equal(outside);
        },
      ),
      { seed: 11, numRuns: 300 },
    );
  });

  it('knows nothing from one cluster, and everything from values without spread', () => {
    const one = inferMean({ clusters: sumByCluster([{ cluster: 'a', value: 1 }]), informative: 1, seed: 1 });
    expect(intervalOf({ mean: one, level: 0.95 })).to.deep.include({ low: -Infinity, high: Infinity });
    expect(pValueOf({ mean: one, value: 0 })).to.equal(1);
    const equal = Array.from({ length: 40 }, (_, g) => ({ cluster: String(g), value: 0.1 }));
    const flat = inferMean({ clusters: sumByCluster(equal), informative: 40, seed: 1 });
    expect(intervalOf({ mean: flat, level: 0.95 })).to.deep.include({ low: flat.estimate, high: flat.estimate });
  });

  it('refuses an empty sample and a seed that is no whole number', () => {
    expect(() => clusterBootstrap({ clusters: sumByCluster([]), seed: 1 })).to.throw(RangeError, /no clusters/);
    expect(() => clusterBootstrap({ clusters, seed: 0.5 })).to.throw(RangeError, /seed 0.5: expected a whole number/);
  });
});
