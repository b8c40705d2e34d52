import { expect } from 'chai';
import { comparePaired } from '../../../../src/domain/statistics/compare-paired.js';
import { binomialSlack, draws, scenarios, simulate } from '../../../support/simulation/comparison-scenarios.js';

/** The longer run of the same, 4,000 each with all resamples, is test/long/comparison-truth.test.ts. */
describe('comparisons keep their promises', () => {
  const trials = 300;
  for (const scenario of scenarios)
    it(scenario.name, () => {
      const draw = draws(42);
      let [decided, covered, promoted] = [0, 0, 0];
      for (let trial = 0; trial < trials; trial += 1) {
        const result = comparePaired({
          cases: simulate({ scenario, draw }),
          claim: { decision: 'superior', kind: 'absolute', size: 0, better: 'higher' },
          alpha: 0.05,
          seed: trial,
          resamples: 399,
        });
        promoted += Number(result.verdict === 'pass');
        if (result.untied < 30) continue;
        decided += 1;
        covered += Number(result.contrast.low <= scenario.truth && scenario.truth <= result.contrast.high);
      }
      expect(decided).to.be.greaterThan(trials / 2);
      expect(promoted / trials, 'false promotions').to.be.at.most(0.05);
      expect(covered / decided, 'coverage').to.be.at.least(0.94 - binomialSlack(0.94, decided));
    });
});
