import { expect } from 'chai';
import { conditionalPower, planSequentialLooks } from '../../../../src/domain/statistics/group-sequential.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';
import { decisionFixtures } from './decision-fixtures.js';

describe('planSequentialLooks', () => {
  it('gives the published boundaries of the O’Brien-Fleming-type spending function', () => {
    // Reboussin, DeMets, Kim and Lan 2000, two-sided 5 %, looks at even shares.
    for (const [looks, published] of [
      [1, [1.96]],
      [2, [2.9626, 1.9686]],
      [3, [3.7103, 2.5114, 1.993]],
      [4, [4.3326, 2.9631, 2.359, 2.0141]],
    ] as const) {
      const plan = planSequentialLooks({
        alpha: 0.05,
        fractions: Array.from({ length: looks }, (_, index) => (index + 1) / looks),
      });
      plan.forEach((look, index) => expect(look.boundary, `look ${index + 1}`).to.be.closeTo(published[index]!, 2e-4));
      expect(plan.at(-1)!.spent).to.be.closeTo(0.05, 1e-12);
    }
  });

  it('agrees with scipy’s multivariate normal where looks are uneven', () => {
    for (const { alpha, fractions, boundaries } of decisionFixtures.sequential) {
      const plan = planSequentialLooks({ alpha, fractions });
      plan.forEach((look, index) => expect(look.boundary).to.be.closeTo(boundaries[index]!, 2e-3));
    }
  });

  it('crosses with no more than alpha when nothing differs', () => {
    const plan = planSequentialLooks({ alpha: 0.05, fractions: [0.2, 0.5, 0.9, 1] });
    const draw = draws(5);
    const trials = 20_000;
    let crossed = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      let [score, before] = [0, 0];
      const over = plan.map(({ fraction, boundary }) => {
        score += Math.sqrt(fraction - before) * draw.normal();
        before = fraction;
        return Math.abs(score) / Math.sqrt(fraction) >= boundary;
      });
      crossed += Number(over.some(Boolean));
    }
    expect(crossed / trials).to.be.closeTo(0.05, 0.004);
  });

  it('refuses what is no plan, naming it', () => {
    const plan = (fractions: number[], alpha = 0.05) => planSequentialLooks({ alpha, fractions });
    expect(() => plan([0.2, 0.4, 0.6, 0.8, 1])).to.throw(RangeError, '5 looks: expected 1 to 4');
    expect(() => plan([])).to.throw(RangeError, '0 looks');
    expect(() => plan([0.5, 0.4, 1])).to.throw(RangeError, 'looks at 0.5, 0.4, 1: expected rising shares');
    expect(() => plan([0.5, 0.9])).to.throw(RangeError, 'the last of them 1');
    expect(() => plan([1], 0)).to.throw(RangeError, 'alpha 0: expected over 0 and under 1');
  });
});

describe('conditionalPower', () => {
  it('is the chance that the rest of the information carries the contrast over the last boundary', () => {
    for (const { z, fraction, drift, boundary, power } of decisionFixtures.conditionalPower)
      expect(conditionalPower({ z, fraction, drift, boundary })).to.be.closeTo(power, 1e-12);
  });

  it('at the last look is certain', () => {
    expect(conditionalPower({ z: 2.1, fraction: 1, drift: 0, boundary: 2 })).to.equal(1);
    expect(conditionalPower({ z: 1.9, fraction: 1, drift: 9, boundary: 2 })).to.equal(0);
  });
});
