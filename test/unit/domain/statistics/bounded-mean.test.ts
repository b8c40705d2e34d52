import { expect } from 'chai';
import { boundMean } from '../../../../src/domain/statistics/bounded-mean.js';
import { wilsonInterval } from '../../../../src/domain/statistics/wilson.js';
import { binomialSlack, draws } from '../../../support/simulation/comparison-scenarios.js';

const scores = (values: readonly (number | null)[], perCluster = 1) =>
  values.map((score, i) => ({ id: `${i}`, cluster: `${Math.floor(i / perCluster)}`, score }));

describe('bounded mean', () => {
  it('never takes 120 harmless answers for proof of none harmful', () => {
    const result = boundMean({ cases: scores(new Array<number>(120).fill(0)), alpha: 0.05, seed: 1 });
    expect(result.method).to.equal('score');
    expect(result.interval!.high).to.be.closeTo(0.031, 0.001);
  });

  it('counts a cluster as one voice where nearly all scores are alike', () => {
    const flat = new Array<number>(120).fill(1);
    const clustered = boundMean({ cases: scores(flat, 4), alpha: 0.05, seed: 1 });
    expect(clustered).to.deep.include({ n: 120, clusters: 30 });
    expect(clustered.interval!.low).to.be.closeTo(wilsonInterval({ share: 1, n: 30, level: 0.95 }).low, 1e-12);
  });

  it('has no interval under 20 clusters, nor for few unlike scores without a range', () => {
    const few = boundMean({ cases: scores(new Array<number>(40).fill(1), 4), alpha: 0.05, seed: 1 });
    expect(few).to.deep.include({ interval: null, method: 'none', mean: 1 });
    const rubric = scores([...new Array<number>(50).fill(4), 5]);
    expect(boundMean({ cases: rubric, alpha: 0.05, seed: 1 }).method).to.equal('none');
    expect(boundMean({ cases: rubric, alpha: 0.05, seed: 1, range: { low: 1, high: 5 } }).method).to.equal('score');
  });

  it('leaves out what is unmeasured, and refuses when nothing is left', () => {
    const cases = scores([null, Number.NaN, ...Array.from({ length: 60 }, (_, i) => (i % 10) / 10)]);
    expect(boundMean({ cases, alpha: 0.05, seed: 1 })).to.deep.include({ n: 60, method: 'bootstrap' });
    expect(() => boundMean({ cases: scores([null]), alpha: 0.05, seed: 1 })).to.throw(RangeError, /at least one case/);
  });

  it('covers the true mean of yes/no scores, sparse and not, 95 times in 100', () => {
    const draw = draws(9);
    for (const [p, n] of [
      [0.97, 120],
      [0.8, 120],
      [0.65, 120],
    ] as const) {
      const trials = 1000;
      let covered = 0;
      for (let trial = 0; trial < trials; trial += 1) {
        const cases = scores(Array.from({ length: n }, () => Number(draw.chance(p))));
        const { interval } = boundMean({ cases, alpha: 0.05, seed: trial, resamples: 499 });
        covered += Number(interval!.low <= p && p <= interval!.high);
      }
      expect(covered / trials, `share ${p}`).to.be.within(0.94 - binomialSlack(0.94, trials), 0.985);
    }
  });
});
