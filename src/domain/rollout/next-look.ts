import type { VerdictKind } from '../release/verdict.js';

const longestMilliseconds = 12 * 3_600_000;

/**
 * How long until a hold is looked at again: a quarter of the step's duration, or a sixth of the time that it has lasted
 * where that is longer, up to twelve hours. So a hold of weeks has some hundred looks and not some thousand, and what holds
 * goes on at most a sixth later than it could have. Nothing that goes wrong waits for it: the guards' watcher looks
 * every second. Never under `shortestMilliseconds`. All in milliseconds.
 */
export const untilNextLook = ({
  durationMilliseconds,
  heldMilliseconds,
  shortestMilliseconds,
}: {
  durationMilliseconds: number;
  heldMilliseconds: number;
  shortestMilliseconds: number;
}): number =>
  Math.max(durationMilliseconds / 4, Math.min(heldMilliseconds / 6, longestMilliseconds), shortestMilliseconds);

const tellMilliseconds = 3 * 3_600_000;

/**
 * How long looks go on before their outcome is told although nothing has changed: three hours, or until the next
 * look where that is later. A day of holding is told some seven times, however short the step. In milliseconds.
 */
export const untilTold = ({ untilLookMilliseconds }: { untilLookMilliseconds: number }): number =>
  Math.max(untilLookMilliseconds, tellMilliseconds);

const longestSpaceMilliseconds = 24 * 3_600_000;

/**
 * How long until what has lost its lease begins again: starts lie half as far apart as all of them have lasted, up to a
 * day. So the first comes at once, as does the one after an outage that took longer, and users are not handed over again
 * and again while nobody can watch over them. In milliseconds.
 */
export const untilNextStart = ({
  heldMilliseconds,
  startedMilliseconds,
}: {
  /** Since the first start. */
  heldMilliseconds: number;
  /** Since the last one. */
  startedMilliseconds: number;
}): number => Math.max(0, Math.min(heldMilliseconds / 2, longestSpaceMilliseconds) - startedMilliseconds);

/** Whether there is nothing to do but to look again. */
export const isHold = ({ verdict, leaseLapsed }: { verdict: VerdictKind; leaseLapsed: boolean }): boolean =>
  !leaseLapsed && (verdict === 'inconclusive' || verdict === 'unmeasured');
