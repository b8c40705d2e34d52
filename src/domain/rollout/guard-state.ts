import { z } from 'zod';
import { logWeightedEvidence, noClocks, startClocks } from './guard-clocks.js';
import { mixtureAbove, swapArms, type Mixture, type SplitCounts } from './guard-mixture.js';

const count = z.number().int().min(0);
const countsSchema = z.object({ revision: count, share: z.number().min(0).max(1), challenger: count, champion: count });
export type RevisionCounts = z.infer<typeof countsSchema>;

/** One guard's sequential test between two looks; plain JSON, so that a watcher can carry it. */
export const guardStateSchema = z.object({
  counts: z.array(countsSchema),
  clocks: z.object({ started: count, logOffsets: z.array(z.number()) }).nullable(),
  /** Counts that the clocks leave out: those of the time in which they stood still. */
  skipped: z.array(countsSchema),
  /** Whether the clocks stand still until the next look. */
  still: z.boolean(),
  /** Whole hours since the canary began, at the last look. */
  hours: count,
  logEvidence: z.number(),
  /** The look at which the evidence first sufficed. Later looks never take a failure back. */
  decided: z.object({ at: z.number(), logEvidence: z.number() }).nullable(),
});
export type GuardState = z.infer<typeof guardStateSchema>;

/** How one guard tests: what counts as harm, up to which ratio there is none, and the log evidence that fails it. */
export interface GuardTest {
  direction: 'higher' | 'lower';
  mixture: Mixture;
  logThreshold: number;
}

/**
 * Harm by more events is a ratio of challenger to champion over 1 + margin; harm by fewer is a ratio of champion to
 * challenger over 1 / (1 - margin).
 * @throws RangeError for a margin or alpha that leaves nothing to test.
 */
export function guardTest({
  direction,
  margin,
  alpha,
}: {
  direction: 'higher' | 'lower';
  margin: number;
  alpha: number;
}): GuardTest {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`guard alpha ${alpha}: expected over 0 and under 1`);
  if (!(margin >= 0) || (direction === 'lower' && margin >= 1))
    throw new RangeError(`guard margin ${margin}: expected from 0${direction === 'lower' ? ', under 1' : ''}`);
  const base = direction === 'higher' ? 1 + margin : 1 / (1 - margin);
  return { direction, mixture: mixtureAbove(base), logThreshold: -Math.log(alpha) };
}

export const startGuard = ({ test, clocks }: { test: GuardTest; clocks: boolean }): GuardState => ({
  counts: [],
  clocks: clocks ? noClocks(test.mixture) : null,
  skipped: [],
  still: false,
  hours: 0,
  logEvidence: 0,
  decided: null,
});

const total = (counts: readonly RevisionCounts[]): number =>
  counts.reduce((sum, one) => sum + one.challenger + one.champion, 0);

/**
 * Shares above which clocks stand still: of keys that have had the event, and of those that have had it more than once,
 * which also shows where few keys have it all. A key's first event counts once. Where a challenger is
 * better, its keys have theirs later, and once most of the champion's have had it, what is left to count comes mostly
 * from the challenger: a clock that starts then would take that for harm. With rate r of the champion's and x events a
 * key expected so far, first events come at r exp((1 - r) x) of the champion's rate, which is at most 1 for every r up to
 * 1 while x is at most 1; a quarter of the keys, and 15 %
 * of those with the event, is x = 0.3. Counts from the canary's start are not touched by this: a better
 * challenger's are the fewer at every moment.
 */
const mostSaturated = 0.25;
const mostRepeated = 0.15;
/** Fewer keys with the event say nothing of how many repeat it. */
const leastToRepeat = 20;

/** By revision, what `all` has beyond `part`. */
function beyond(all: readonly RevisionCounts[], part: readonly RevisionCounts[]): RevisionCounts[] {
  const known = new Map(part.map((one) => [one.revision, one]));
  return all.map((one) => {
    const { challenger = 0, champion = 0 } = known.get(one.revision) ?? {};
    return { ...one, challenger: one.challenger - challenger, champion: one.champion - champion };
  });
}

/**
 * One more look. Clocks that are due start at the counts of the look before, so that a look decides nothing about when
 * a clock starts; each new revision after the first and each full hour starts one.
 * @param seconds time since the canary began; one that goes back counts as the time of the look before.
 * @param counts cumulative first events by revision.
 * @param keys distinct keys seen so far, both arms together.
 * @param repeated those of them that have had the event more than once.
 * @param wentBack whether counts have gone back since the look before. What clocks stand on is not sure then: those that
 *   have started, and those that are due, are given up, which leaves the evidence valid and makes it later.
 */
export function advanceGuard({
  state,
  test,
  seconds,
  counts,
  keys,
  repeated,
  wentBack = false,
}: {
  state: GuardState;
  test: GuardTest;
  seconds: number;
  counts: readonly RevisionCounts[];
  keys: number;
  repeated: number;
  wentBack?: boolean;
}): GuardState {
  const oriented = (all: readonly RevisionCounts[]): readonly SplitCounts[] =>
    test.direction === 'higher' ? all : all.map(swapArms);
  const { mixture } = test;
  const hours = Math.max(state.hours, Math.floor(seconds / 3600));
  const due = hours - state.hours + Math.max(0, counts.length - Math.max(1, state.counts.length));
  const before = state.skipped.length === 0 ? state.counts : beyond(state.counts, state.skipped);
  const clocks =
    state.clocks &&
    (wentBack
      ? { ...noClocks(mixture), started: state.clocks.started + due }
      : startClocks({ state: state.clocks, count: due, mixture, counts: oriented(before) }));
  // What came since the look before is left out as that look said, so that it decides nothing about itself.
  const skipped = wentBack ? [] : state.still ? beyond(counts, before) : state.skipped;
  // Without a new event the evidence stays, whatever else a look brings.
  const events = total(counts);
  const same = events === total(state.counts) && due === 0 && !wentBack;
  const all = oriented(counts);
  const timed = skipped.length === 0 ? all : oriented(beyond(counts, skipped));
  const logEvidence = same ? state.logEvidence : logWeightedEvidence({ state: clocks, mixture, counts: all, timed });
  const fails = logEvidence >= test.logThreshold;
  const decided = state.decided ?? (fails ? { at: seconds, logEvidence } : null);
  const still = events > mostSaturated * keys || (events >= leastToRepeat && repeated > mostRepeated * events);
  return { counts: [...counts], clocks, skipped, still, hours, logEvidence, decided };
}
