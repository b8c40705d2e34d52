import { expect } from 'chai';
import {
  costOf,
  estimateTokens,
  forecastCost,
  overBudget,
  refusalOf,
} from '../../../../../src/domain/evaluation/judge/budget.js';

const price = { input: 1, output: 4 };

describe('judge budget', () => {
  it('prices tokens by the million', () => {
    expect(costOf({ price, promptTokens: 1_000_000, completionTokens: 500_000 })).to.equal(3);
    expect(estimateTokens([{ role: 'user', content: 'a'.repeat(400) }])).to.equal(104);
  });

  it('forecasts from the first questions, with replies, follow-ups and the strong share', () => {
    const openings = Array.from({ length: 1000 }, () => 1000);
    const cheap = forecastCost({ openings, price, callsEach: 2, strong: null });
    expect(cheap).to.deep.equal({ calls: 2000, leastUsd: 1, expectedUsd: 2 * (1 + 0.6) });
    const strong = { price: { input: 10, output: 40 }, share: 0.1 };
    const tiered = forecastCost({ openings, price, callsEach: 2, strong });
    expect(tiered.expectedUsd).to.be.closeTo(3.2 + 3.2, 1e-9);
    expect(tiered.calls).to.equal(2200);
  });

  it('refuses only what can certainly not be paid, and names the spend', () => {
    const forecast = { calls: 1, leastUsd: 3, expectedUsd: 9 };
    expect(refusalOf({ forecast, capUsd: 5, spentUsd: 0 })).to.equal(null);
    expect(refusalOf({ forecast, capUsd: 5, spentUsd: 2.5 })).to.match(/5\.00 USD.*3\.00 USD; 2\.50 USD spent so far/);
    expect(overBudget({ capUsd: 0.05, spentUsd: 0.0512 })).to.match(/0\.0500 USD: 0\.0512 USD spent so far/);
  });
});
