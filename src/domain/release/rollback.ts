import type { KeptRelease, LifecycleState } from './lifecycle-state.js';

/** When users were taken off a kept release; null of one that serves or that a promotion has replaced. */
const withdrawnAt = ({ state, kept }: { state: LifecycleState; kept: KeptRelease }): string | null =>
  // States of 0.1.0 knew it of what has ended last alone.
  kept.withdrawnAt ?? state.ended.find(({ releaseId }) => releaseId === kept.releaseId)?.withdrawnAt ?? null;

const named = (releases: readonly KeptRelease[]): string => releases.map(({ releaseId }) => releaseId).join(', ');

/**
 * The champion to go back to: the named one, or the newest before it that users were not taken off; a string says why
 * there is none. Naming the one that serves repeats what a rollback to it may not have finished.
 * @param skipsWithdrawn whether a withdrawn release must be named; lifecycles of 0.1.0 went back to it.
 */
export function rollbackTarget({
  state,
  to,
  skipsWithdrawn = true,
}: {
  state: LifecycleState;
  to: string | null;
  skipsWithdrawn?: boolean;
}): KeptRelease | string {
  const { model, champion, previous, running } = state;
  if (!champion) {
    const mend = running ? `; "understudy cancel ${running.releaseId}" ends the release that runs` : '';
    return `${model} has no champion, so there is nothing to roll back${mend}`;
  }
  if (to === champion.releaseId || (running && to === null)) return champion;
  if (to !== null)
    return (
      previous.find(({ releaseId }) => releaseId === to) ??
      `${to} is not kept; kept releases: ${named(previous) || 'none'}`
    );
  if (previous.length === 0) return `${model} keeps no earlier release than ${champion.releaseId}`;
  const unharmed = previous.find((kept) => !skipsWithdrawn || withdrawnAt({ state, kept }) === null);
  if (unharmed) return unharmed;
  const [first] = previous;
  return `${model} is back on ${champion.releaseId}, and users were taken off every other release that it keeps: ${named(previous)}, ${first!.releaseId} at ${withdrawnAt({ state, kept: first! })}; "--to ${first!.releaseId}" goes there all the same`;
}

/**
 * The state after a rollback: `target` serves, and the champion that it replaced is kept behind it as withdrawn.
 * @param at when, in ISO 8601.
 */
export function afterRollback({
  state,
  target,
  at,
}: {
  state: LifecycleState;
  target: KeptRelease;
  at: string;
}): LifecycleState {
  const { withdrawnAt: _, ...champion } = target;
  const others = state.previous.filter(({ releaseId }) => releaseId !== target.releaseId);
  const replaced = state.champion && state.champion.releaseId !== target.releaseId ? state.champion : null;
  if (!replaced) return { ...state, champion, previous: others };
  const ended = state.ended.map((one) => {
    if (one.releaseId === replaced.releaseId) return { ...one, withdrawnAt: at };
    return one.releaseId === target.releaseId ? { ...one, withdrawnAt: null } : one;
  });
  const previous = [{ ...replaced, withdrawnAt: at }, ...others].slice(0, state.keepReleases);
  return { ...state, champion, previous, ended };
}
