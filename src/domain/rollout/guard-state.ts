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
  hours: 0,
  logEvidence: 0,
  decided: null,
});

const total = (counts: readonly RevisionCounts[]): number =>
  counts.reduce((sum, one) => sum + one.challenger + one.champion, 0);

/**
 * One more look. Clocks that are due start at the counts of the look before, so that a look decides nothing about when
 * a clock starts; each new revision after the first and each full hour starts one.
 * @param seconds time since the canary began; one that goes back counts as the time of the look before.
 * @param counts cumulative first events by revision.
 */
export function advanceGuard({
  state,
  test,
  seconds,
  counts,
}: {
  state: GuardState;
  test: GuardTest;
  seconds: number;
  counts: readonly RevisionCounts[];
}): GuardState {
  const oriented = (all: readonly RevisionCounts[]): SplitCounts[] =>
    test.direction === 'higher' ? [...all] : all.map(swapArms);
  const { mixture } = test;
  const hours = Math.max(state.hours, Math.floor(seconds / 3600));
  const due = hours - state.hours + Math.max(0, counts.length - Math.max(1, state.counts.length));
  const clocks =
    state.clocks && startClocks({ state: state.clocks, count: due, mixture, counts: oriented(state.counts) });
  // Without a new event the evidence stays, whatever else a look brings.
  const same = total(counts) === total(state.counts) && due === 0;
  const logEvidence = same
    ? state.logEvidence
    : logWeightedEvidence({ state: clocks, mixture, counts: oriented(counts) });
  const fails = logEvidence >= test.logThreshold;
  const decided = state.decided ?? (fails ? { at: seconds, logEvidence } : null);
  return { counts: [...counts], clocks, hours, logEvidence, decided };
}
