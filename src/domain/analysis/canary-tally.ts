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
  /**
   * Whether the guard has failed, now or before.
   * @param event `keys`: distinct keys seen so far, this one's included.
   */
  add(event: { place: Place; seconds: number; key: string; arm: Arm; revision: number; keys: number }): boolean;
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
  const again = new Set<string>();
  const harmed: Arm = test.direction === 'higher' ? 'challenger' : 'champion';
  let counts: RevisionCounts[] = [];
  let state = startGuard({ test, clocks });
  let decidedAt: Place | null = null;
  let latest = { seconds: 0, keys: 0 };
  const look = (): void => {
    state = advanceGuard({ state, test, ...latest, counts, repeated: again.size });
  };

  return {
    result: () => {
      look();
      return { state, counts, decidedAt };
    },
    add({ place, seconds, key, arm, revision, keys }) {
      if (seen.has(key)) again.add(key);
      if (again.has(key)) return decidedAt !== null;
      seen.add(key);
      // A clock starts at the counts of the look before.
      if (counts.length < shares.length || Math.floor(seconds / 3600) > state.hours) look();
      latest = { seconds, keys };
      counts = shares.map((share, index) => counts[index] ?? { revision: index, share, challenger: 0, champion: 0 });
      const before = counts[revision]!;
      counts[revision] = { ...before, [arm]: before[arm] + 1 };
      // Every event is a look; the evidence can only rise by one of the arm that may be harmed.
      if (arm === harmed) look();
      if (state.decided && decidedAt === null) decidedAt = place;
      return decidedAt !== null;
    },
  };
}
