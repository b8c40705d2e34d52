import { expect } from 'chai';
import { comparePaired } from '../../src/domain/statistics/compare-paired.js';
import type { Claim } from '../../src/domain/statistics/contrast.js';
import { binomialSlack, draws, scenarios, simulate } from '../support/simulation/comparison-scenarios.js';

const trials = 4000;
/** The tail probabilities of 1,000 resamples are off by 0.2 points at most; 10,000 would take hours and change nothing. */
const resamples = 999;

const print = (figures: object): boolean => process.stdout.write(`${JSON.stringify(figures)}\n`);
const superior: Claim = { decision: 'superior', kind: 'absolute', size: 0, better: 'higher' };

describe('4,000 comparisons of each kind', function () {
  this.timeout(600_000);

  for (const scenario of scenarios)
    it(scenario.name, () => {
      const draw = draws(42);
      const seen = { decided: 0, below: 0, above: 0, promoted: 0 };
      for (let trial = 0; trial < trials; trial += 1) {
        const result = comparePaired({
          cases: simulate({ scenario, draw }),
          claim: superior,
          alpha: 0.05,
          seed: trial,
          resamples,
        });
        seen.promoted += Number(result.verdict === 'pass');
        if (result.untied < 30) continue;
        seen.decided += 1;
        seen.below += Number(result.contrast.high < scenario.truth);
        seen.above += Number(result.contrast.low > scenario.truth);
      }
      const coverage = 1 - (seen.below + seen.above) / seen.decided;
      print({ scenario: scenario.name, trials, coverage, falsePromotions: seen.promoted / trials, ...seen });
      expect(seen.promoted / trials, 'false promotions').to.be.at.most(0.05);
      expect(coverage, 'coverage').to.be.at.least(0.94 - binomialSlack(0.94, seen.decided));
    });

  it('at the boundary of a relative minimum effect and of a relative margin, promotes by mistake in at most alpha', () => {
    for (const [decision, factor] of [
      ['superior', 1.05],
      ['nonInferior', 0.95],
    ] as const) {
      const draw = draws(17);
      let promoted = 0;
      for (let trial = 0; trial < trials; trial += 1) {
        const pairs = Array.from({ length: 120 }, (_, i) => {
          const champion = 0.6 + 0.15 * draw.normal();
          return { id: `${i}`, cluster: `${i}`, champion, challenger: factor * champion + 0.15 * draw.normal() };
        });
        const claim: Claim = { decision, kind: 'relative', size: 0.05, better: 'higher' };
        promoted += Number(
          comparePaired({ cases: { pairs, clustered: false }, claim, alpha: 0.05, seed: trial, resamples }).verdict ===
            'pass',
        );
      }
      print({ scenario: `boundary of ${decision}, relative 5 %`, trials, falsePromotions: promoted / trials });
      expect(promoted / trials).to.be.at.most(0.05);
    }
  });

  it('with 20 gates promotes less, not more', () => {
    const draw = draws(23);
    const scenario = scenarios[0]!;
    let promoted = 0;
    for (let trial = 0; trial < trials / 10; trial += 1) {
      const passes = Array.from({ length: 20 }, (_, gate) =>
        comparePaired({
          cases: simulate({ scenario, draw }),
          claim: superior,
          alpha: 0.05,
          seed: gate,
          resamples: 399,
        }),
      );
      promoted += Number(passes.every((one) => one.verdict === 'pass'));
    }
    expect(promoted).to.equal(0);
  });
});
