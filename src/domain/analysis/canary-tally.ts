import {
  advanceGuard,
  startGuard,
  type GuardState,
  type GuardTest,
  type RevisionCounts,
} from '../rollout/guard-state.js';
import type { Arm } from '../rollout/traffic-plan.js';

/** Where in the file something was decided; rows count from 1. */
export interface Place {
  row: number;
  t: number;
}

/** One guard over a file of events: a key's first such event counts, in its arm and under the share of that moment. */
export interface GuardTally {
  add(event: { place: Place; seconds: number; key: string; arm: Arm; revision: number }): void;
  result(): { state: GuardState; counts: RevisionCounts[]; decidedAt: Place | null };
}

/**
 * @param shares the challenger's share by revision, growing as the file is read; revisions are places in it.
 */
export function guardTally({
  test,
  shares,
  clocks,
}: {
  test: GuardTest;
  shares: readonly number[];
  clocks: boolean;
}): GuardTally {
  const seen = new Set<string>();
  const counts: RevisionCounts[] = [];
  let state = startGuard({ test, clocks });
  let decidedAt: Place | null = null;

  return {
    result: () => ({ state, counts, decidedAt }),
    add({ place, seconds, key, arm, revision }) {
      if (seen.has(key)) return;
      seen.add(key);
      for (let next = counts.length; next < shares.length; next += 1)
        counts.push({ revision: next, share: shares[next]!, challenger: 0, champion: 0 });
      const before = counts[revision]!;
      counts[revision] = { ...before, [arm]: before[arm] + 1 };
      // Every event is a look; between events the evidence stands still.
      state = advanceGuard({ state, test, seconds, counts });
      if (state.decided && decidedAt === null) decidedAt = place;
    },
  };
}
