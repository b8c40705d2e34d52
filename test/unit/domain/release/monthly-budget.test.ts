import { expect } from 'chai';
import { admitRequest, initialState } from '../../../../src/domain/release/admission.js';
import type { LifecycleState } from '../../../../src/domain/release/lifecycle-state.js';
import { budgetEnd, budgetLeft, waitsForBudget } from '../../../../src/domain/release/monthly-budget.js';

const now = '2026-12-31T23:59:00.000Z';
const specification = { uri: 'store://specs/m/1.json', sha256: 'a'.repeat(64), bytes: 1 };
const settings = { cooldownMilliseconds: 0, monthlyBudgetUsd: 100, keepReleases: 2, quietHours: null };
const waiting = admitRequest({
  state: initialState({ model: 'm', specification, settings, now }),
  request: { kind: 'training', trigger: 'person', priority: 'normal', requestedBy: 'ann', reason: 'new data' },
  now,
}).state;
const spent = (usd: number, more: Partial<LifecycleState> = {}): LifecycleState => ({
  ...waiting,
  ...{ spentUsd: { month: '2026-12', usd }, ...more },
});

describe('the monthly budget', () => {
  it('leaves what releases have not spent, never less than nothing, and all of it next month', () => {
    const next = '2027-01-01T00:00:00.000Z';
    expect([0, 30, 130].map((usd) => budgetLeft({ state: spent(usd), now }))).to.deep.equal([100, 70, 0]);
    expect(budgetLeft({ state: spent(130), now: next })).to.equal(100);
    expect(budgetLeft({ state: spent(130, { monthlyBudgetUsd: null }), now })).to.equal(null);
  });

  it('holds a queue until the month is over, in UTC, and says so', () => {
    expect(budgetEnd({ state: spent(100), now })).to.equal('2027-01-01T00:00:00.000Z');
    expect(waitsForBudget({ state: spent(100), now })).to.equal(
      'monthly budget spent: 100.00 USD >= 100.00 USD; what waits starts at 2027-01-01T00:00:00.000Z, or once triggers.monthlyBudgetUsd is raised',
    );
  });

  it('holds nothing where money is left, nobody waits, or the model is paused', () => {
    const paused = { reason: 'holidays', by: 'ben', at: now };
    for (const state of [spent(99.99), spent(100, { queue: [] }), spent(100, { paused })])
      expect(budgetEnd({ state, now })).to.equal(null);
  });
});
