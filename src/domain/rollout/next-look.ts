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

/** Whether there is nothing to do but to look again. */
export const isHold = ({ verdict, leaseLapsed }: { verdict: VerdictKind; leaseLapsed: boolean }): boolean =>
  !leaseLapsed && (verdict === 'inconclusive' || verdict === 'unmeasured');
