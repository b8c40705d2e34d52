import { intersection, type BucketSet } from './bucket-set.js';
import type { Look } from './looks.js';
import type { Arm } from './traffic-plan.js';

/** Buckets of one arm under one revision, all gateways merged. */
export interface ArmBuckets {
  exposed: BucketSet;
  events: ReadonlyMap<string, BucketSet>;
  /** Buckets with the event more than once under the revision. */
  again: ReadonlyMap<string, BucketSet>;
}

export interface RevisionBuckets {
  revision: number;
  share: number;
  arms: Record<Arm, ArmBuckets>;
}

interface Counted {
  keys: number;
  events: Record<string, number>;
  again: Record<string, number>;
}

/** Splits fresh buckets by arm; one that appears on both arms under one revision tells not where it came first. */
function countFresh({ sets, seen }: { sets: Record<Arm, BucketSet>; seen: BucketSet }): {
  counts: Record<Arm, number>;
  seen: BucketSet;
} {
  const fresh = { champion: sets.champion.andNot(seen), challenger: sets.challenger.andNot(seen) };
  const counts = {
    champion: fresh.champion.andNot(fresh.challenger).size,
    challenger: fresh.challenger.andNot(fresh.champion).size,
  };
  return { counts, seen: seen.or(sets.champion).or(sets.challenger) };
}

/**
 * A look from bitmaps: a bucket's first event since the canary began counts once, in the arm and revision of that moment;
 * its first appearance counts it as a key likewise, and its
 * second event as one more time. A bucket that shows on both arms under the same revision (a tester
 * who overrides the assignment) counts in neither.
 * @param revisions in any order; counted in that of their numbers.
 */
export function countFirstEvents({
  revisions,
  empty,
}: {
  revisions: readonly RevisionBuckets[];
  empty: BucketSet;
}): Look['revisions'] {
  let seenKeys = empty;
  const seenEvents = new Map<string, BucketSet>();
  const seenAgain = new Map<string, BucketSet>();
  return [...revisions]
    .sort((a, b) => a.revision - b.revision)
    .map(({ revision, share, arms }) => {
      const { champion, challenger } = arms;
      const keys = countFresh({
        sets: { champion: champion.exposed, challenger: challenger.exposed },
        seen: seenKeys,
      });
      seenKeys = keys.seen;
      const counted: Record<Arm, Counted> = {
        champion: { keys: keys.counts.champion, events: {}, again: {} },
        challenger: { keys: keys.counts.challenger, events: {}, again: {} },
      };
      for (const event of [...new Set([...champion.events.keys(), ...challenger.events.keys()])].sort()) {
        const sets = {
          champion: champion.events.get(event) ?? empty,
          challenger: challenger.events.get(event) ?? empty,
        };
        const before = seenEvents.get(event) ?? empty;
        const repeated = (arm: Arm): BucketSet =>
          intersection(sets[arm], before).or(arms[arm].again.get(event) ?? empty);
        const again = countFresh({
          sets: { champion: repeated('champion'), challenger: repeated('challenger') },
          seen: seenAgain.get(event) ?? empty,
        });
        seenAgain.set(event, again.seen);
        counted.champion.again[event] = again.counts.champion;
        counted.challenger.again[event] = again.counts.challenger;
        const first = countFresh({ sets, seen: before });
        seenEvents.set(event, first.seen);
        counted.champion.events[event] = first.counts.champion;
        counted.challenger.events[event] = first.counts.challenger;
      }
      return { revision, share, arms: counted };
    });
}
