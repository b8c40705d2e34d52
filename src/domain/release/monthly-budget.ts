import type { LifecycleState } from './lifecycle-state.js';

/** The month of a time, both ISO 8601 in UTC. */
export const month = (at: string): string => at.slice(0, 7);

/** What this month's releases have cost, in US dollars. */
export const spentIn = ({ state: { spentUsd }, now }: { state: LifecycleState; now: string }): number =>
  spentUsd.month === month(now) ? spentUsd.usd : 0;

/** What the monthly budget leaves, in US dollars, not below 0; null where there is no budget. */
export const budgetLeft = ({ state, now }: { state: LifecycleState; now: string }): number | null =>
  state.monthlyBudgetUsd === null ? null : Math.max(0, state.monthlyBudgetUsd - spentIn({ state, now }));

/** That the budget is spent, with both numbers. */
export const budgetSpent = ({ state, now }: { state: LifecycleState; now: string }): string =>
  `monthly budget spent: ${spentIn({ state, now }).toFixed(2)} USD >= ${state.monthlyBudgetUsd!.toFixed(2)} USD`;

/** The first moment of the month after (UTC), where a queue waits for it because this month's budget is spent; else null. */
export function budgetEnd({ state, now }: { state: LifecycleState; now: string }): string | null {
  if (state.queue.length === 0 || state.paused || budgetLeft({ state, now }) !== 0) return null;
  const at = new Date(now);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1)).toISOString();
}

/** Why a queue waits though nothing runs, in a sentence; null where it does not wait for money. */
export const waitsForBudget = (input: { state: LifecycleState; now: string }): string | null => {
  const until = input.state.running ? null : budgetEnd(input);
  return until && `${budgetSpent(input)}; what waits starts at ${until}, or once triggers.monthlyBudgetUsd is raised`;
};
