import { expect } from 'chai';
import {
  alpha,
  better,
  boundOften,
  compareAtBoundary,
  compareOften,
  compareTwentyGates,
  correctOften,
  decideUnderFloors,
  lookOften,
  rectifyOften,
  winAsPlanned,
  type Counted,
} from '../../../bench/support/simulated-decisions.js';
import { binomialCdf } from '../../../src/domain/statistics/distributions.js';
import { scenarios } from '../../support/simulation/comparison-scenarios.js';
import { judgeScenarios, rateScenarios } from '../../support/simulation/judge-scenarios.js';

/** A few of what `npm run bench -- decisions` simulates 4,000 times. */
const run = { trials: 60, seed: 42, resamples: 199 };

const expectAtLeast = ({ hits, of }: Counted, p: number): void => {
  expect(of).to.be.greaterThan(40);
  expect(binomialCdf({ successes: hits, trials: of, p }), `${hits} of ${of}`).to.be.at.least(0.001);
};
const expectAtMost = ({ hits, of }: Counted, p: number): void => expectAtLeast({ hits: of - hits, of }, 1 - p);

describe('simulated decisions', () => {
  it('promote by mistake no more often than alpha, and cover', () => {
    const { promoted, covered } = compareOften({ ...run, scenario: scenarios[0]! });
    expectAtMost(promoted, alpha);
    expectAtLeast(covered, 0.94);
    expectAtMost(compareAtBoundary({ ...run, claim: { ...better, kind: 'relative', size: 0.05 } }), alpha);
    expectAtMost(compareTwentyGates(run), alpha);
  });

  it('win as often as planned, and decide nothing under the floors', () => {
    expectAtLeast(winAsPlanned({ ...run, sizes: Array<number>(60).fill(2) }), 0.8);
    expect(decideUnderFloors(run)).to.deep.equal({ hits: 0, of: 60 });
  });

  for (const scenario of judgeScenarios)
    it(`hold against a judge by labels: ${scenario.name}`, () => {
      const { promoted, covered } = rectifyOften({ ...run, scenario });
      expectAtMost(promoted, alpha);
      expectAtLeast(covered, 0.94);
    });

  it('would promote nearly always by a judge that favours a style', () => {
    expect(rectifyOften({ ...run, scenario: judgeScenarios[0]! }).judgeAlone.hits).to.equal(60);
  });

  for (const scenario of rateScenarios)
    it(scenario.name, () => expectAtLeast(correctOften({ ...run, scenario }), 0.94));

  it('bound a sparse rate by a score interval', () => expectAtLeast(boundOften({ ...run, rate: 0.05, n: 200 }), 0.94));

  it('stop early at the same risk', () => {
    const nothing = lookOften({ ...run, gain: 0 });
    expectAtMost(nothing.promoted, alpha);
    expectAtLeast(nothing.covered, 0.94);
    const clear = lookOften({ ...run, gain: 0.08 });
    expectAtLeast(clear.promoted, 0.9);
    expect(clear.asked).to.be.lessThan(0.8);
  });
});
