import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { comparePaired } from '../../../../src/domain/statistics/compare-paired.js';
import { inferMean, intervalOf, pValueOf } from '../../../../src/domain/statistics/mean-inference.js';
import { sumByCluster } from '../../../../src/domain/statistics/paired-cases.js';
import { unequalClusters } from '../../../../src/domain/statistics/unequal-clusters.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const { means } = z
  .object({
    means: z.array(
      z.object({
        values: z.array(z.number()),
        clusters: z.array(z.number()),
        standardError: z.number(),
        degrees: z.number(),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../../fixtures/statistics/clusters.json', import.meta.url), 'utf8')) as unknown,
  );

const summed = (sizes: readonly number[], value: (index: number) => number) =>
  sumByCluster(
    sizes.flatMap((size, g) => Array.from({ length: size }, (_, i) => ({ cluster: `${g}`, value: value(i + g) }))),
  );

describe('unequalClusters', () => {
  it('agrees with matrices over single cases', () => {
    for (const { values, clusters, standardError, degrees } of means) {
      const found = unequalClusters(sumByCluster(values.map((value, i) => ({ cluster: `${clusters[i]}`, value }))))!;
      expect(found.standardError).to.be.closeTo(standardError, 1e-12);
      expect(found.degrees).to.be.closeTo(degrees, 1e-9);
    }
  });

  it('has nothing to say of equal clusters, and near to equal ones cost next to nothing', () => {
    expect(unequalClusters(summed(Array<number>(20).fill(3), Math.sin))).to.equal(null);
    const { degrees } = unequalClusters(summed([...Array<number>(19).fill(3), 4], Math.sin))!;
    expect(degrees).to.be.within(17, 19);
  });

  it('leaves little where one cluster holds half of the cases, and interval and p-value agree on that', () => {
    const clusters = summed([200, ...Array<number>(100).fill(2)], (i) => Math.sin(i * i) + 0.2);
    const settings = { clusters, informative: 101, seed: 1, resamples: 999 };
    const [before, after] = [inferMean(settings), inferMean({ ...settings, unequal: true })];
    expect(before).to.not.have.property('student');
    expect(after.student!.degrees).to.be.lessThan(5);
    expect(after.small).to.equal(true);
    const [narrow, wide] = [before, after].map((mean) => intervalOf({ mean, level: 0.95 }));
    expect(wide!.low).to.be.lessThan(narrow!.low);
    for (const end of [wide!.low, wide!.high]) {
      expect(pValueOf({ mean: after, value: end + (end - after.estimate) * 0.01 })).to.be.lessThan(0.05);
      expect(pValueOf({ mean: after, value: end - (end - after.estimate) * 0.01 })).to.be.greaterThan(0.05);
    }
  });

  it('keeps false promotions and coverage where few clusters hold most cases; rules before 3 do not', () => {
    const sizes = Array.from({ length: 60 }, (_, rank) => Math.max(1, Math.round(210 / (rank + 1))));
    const draw = draws(3);
    const covered = { before: 0, after: 0 };
    const trials = 300;
    for (let trial = 0; trial < trials; trial += 1) {
      const pairs = sizes.flatMap((size, g) => {
        const shared = 0.5 * draw.normal();
        return Array.from({ length: size }, (_, i) => ({
          ...{ id: `${g}-${i}`, cluster: `${g}`, champion: 0 },
          challenger: shared + draw.normal(),
        }));
      });
      const claim = { decision: 'superior', kind: 'absolute', size: 0, better: 'higher' } as const;
      const compare = (rules: 2 | 3) => {
        const settings = { claim, alpha: 0.05, seed: trial, resamples: 199, rules };
        const { low, high } = comparePaired({ cases: { pairs, clustered: true }, ...settings }).contrast;
        return Number(low <= 0 && high >= 0);
      };
      covered.before += compare(2);
      covered.after += compare(3);
    }
    expect(covered.before / trials).to.be.lessThan(0.94);
    expect(covered.after / trials).to.be.greaterThan(0.95);
  }).timeout(60_000);
});
