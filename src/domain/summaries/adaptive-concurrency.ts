/** How many calls may run at once, and what the last ones said of it; times in milliseconds. */
export interface Concurrency {
  most: number;
  atOnce: number;
  /** Good replies since `atOnce` last changed. */
  goodInRow: number;
  /** Failures since the last good reply. */
  failedInRow: number;
  /** Nothing starts before. */
  notBefore: number;
  /** What a call usually takes: a moving average over hundreds of replies; null before the first. */
  usual: number | null;
  /** A moving average of the latest latencies. */
  recent: number | null;
}

const firstPause = 500;
const longestPause = 30_000;
/** Weight of one latency in the moving average, and of the average in what is usual. */
const weight = { recent: 0.2, usual: 0.01 };
/** Latency over what is usual from which the endpoint is taken to queue, as in Netflix's `Gradient2Limit`. */
const tolerance = 2;
const slower = 0.8;

/** Opens at `atOnce`, which an earlier chunk has found out, within 1 and `most`. */
export const openConcurrency = ({ most, atOnce, now }: { most: number; atOnce: number; now: number }): Concurrency => ({
  ...{ most, atOnce: Math.max(1, Math.min(most, atOnce)), goodInRow: 0, failedInRow: 0 },
  ...{ notBefore: now, usual: null, recent: null },
});

/**
 * After a reply: one more at once after a full round of good ones; a fifth fewer where replies take over twice as long as
 * is usual, since more calls would only wait inside the endpoint.
 */
export function afterReply(before: Concurrency, { milliseconds }: { milliseconds: number }): Concurrency {
  const recent = before.recent === null ? milliseconds : before.recent + weight.recent * (milliseconds - before.recent);
  const usual = before.usual === null ? milliseconds : before.usual + weight.usual * (milliseconds - before.usual);
  const seen = { ...before, failedInRow: 0, goodInRow: before.goodInRow + 1, usual, recent };
  if (recent > tolerance * usual)
    return {
      ...seen,
      goodInRow: 0,
      atOnce: Math.max(1, Math.floor(before.atOnce * slower)),
      // What was slow has been acted on; the next average is of calls under the new limit.
      recent: usual,
    };
  if (seen.goodInRow < before.atOnce || before.atOnce >= before.most) return seen;
  return { ...seen, goodInRow: 0, atOnce: before.atOnce + 1 };
}

/**
 * After a 429, a 5xx or a timeout: half as many at once and a pause as long as the endpoint asked, else twice as long each
 * time. Calls that were under way when the pause began halve nothing a second time.
 */
export function afterFailure(
  before: Concurrency,
  { now, retryAfterMilliseconds }: { now: number; retryAfterMilliseconds: number | null },
): Concurrency {
  const again = now < before.notBefore;
  const failedInRow = again ? before.failedInRow : before.failedInRow + 1;
  const own = Math.min(longestPause, firstPause * 2 ** (failedInRow - 1));
  return {
    ...before,
    goodInRow: 0,
    failedInRow,
    atOnce: again ? before.atOnce : Math.max(1, Math.floor(before.atOnce / 2)),
    notBefore: Math.max(before.notBefore, now + Math.min(longestPause, retryAfterMilliseconds ?? own)),
  };
}
