import { logRatios, logSumExp, type Mixture, type SplitCounts } from './guard-mixture.js';

/**
 * The clocks of one guard as plain JSON. A clock started later counts only what came after, so that quiet hours before a
 * fault don't have to be outweighed. All clocks share the alternatives, so what they have in common is kept as one
 * number an alternative: log(sum over clocks of weight * exp(-log ratio at the start)).
 */
export interface ClockState {
  /** Clocks started so far; the n-th has weight `clockWeight(n)`, whatever came before. */
  started: number;
  logOffsets: number[];
}

/** Half of the evidence runs from the canary's start, half over the clocks. */
export const clockShare = 0.5;

/** The weights stay nearly level over the first day of hourly clocks, then fall with the square: they add up to 1. */
const levelClocks = 24;
const clockWeight = (index: number): number => levelClocks / ((index + levelClocks) * (index + levelClocks - 1));
/** What is left for clocks that have not started; until then each stands at 1. */
const weightLeft = (started: number): number => levelClocks / (started + levelClocks);

export const noClocks = (mixture: Mixture): ClockState => ({
  started: 0,
  logOffsets: new Array<number>(mixture.ratios.length).fill(-Number.MAX_VALUE),
});

/** Starts `count` clocks at these counts. */
export function startClocks({
  state,
  count,
  mixture,
  counts,
}: {
  state: ClockState;
  count: number;
  mixture: Mixture;
  counts: readonly SplitCounts[];
}): ClockState {
  if (count === 0) return state;
  let weight = 0;
  for (let index = 1; index <= count; index += 1) weight += clockWeight(state.started + index);
  const logs = logRatios({ mixture, counts });
  return {
    started: state.started + count,
    logOffsets: state.logOffsets.map((offset, k) => logSumExp([offset, Math.log(weight) - logs[k]!])),
  };
}

/**
 * Log of the weighted e-value over the start and all clocks; over the start alone where `state` is null.
 * @param timed what the clocks count of `counts`; all where they never stood still.
 */
export function logWeightedEvidence({
  state,
  mixture,
  counts,
  timed = counts,
}: {
  state: ClockState | null;
  mixture: Mixture;
  counts: readonly SplitCounts[];
  timed?: readonly SplitCounts[];
}): number {
  const weighted = logRatios({ mixture, counts }).map((log, k) => log + mixture.logWeights[k]!);
  const fromStart = logSumExp(weighted);
  if (state === null) return fromStart;
  const byClocks =
    timed === counts ? weighted : logRatios({ mixture, counts: timed }).map((log, k) => log + mixture.logWeights[k]!);
  const overClocks = logSumExp(byClocks.map((log, k) => log + state.logOffsets[k]!));
  return logSumExp([
    Math.log(1 - clockShare) + fromStart,
    Math.log(clockShare) + overClocks,
    Math.log(clockShare * weightLeft(state.started)),
  ]);
}
