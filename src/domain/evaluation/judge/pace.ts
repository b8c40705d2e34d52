/** How fast a judge may be asked; null is no limit of ours. */
export interface PaceLimits {
  concurrency: number;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
}

/** Where the pace stands; times in milliseconds of any clock that never goes back. */
export interface Pace {
  limits: PaceLimits;
  /** How many calls may run at once now: halved when the judge says 429, one more after each round that went well. */
  atOnce: number;
  /** Good replies since `atOnce` last changed. */
  goodInRow: number;
  /** Nothing starts before. */
  notBefore: number;
  /** 429s since the last good reply. */
  refusedInRow: number;
  requests: number;
  tokens: number;
  filledAt: number;
}

const minute = 60_000;
/** How long a judge that answers 429 is waited for: longer than a limit that is counted by the minute takes to lift. */
export const patienceMilliseconds = 180_000;
/** What may be saved up while nothing is asked, in milliseconds of the limit: a burst is no longer than that. */
const burst = 5000;
const firstPause = 1000;
const longestPause = 60_000;

const roomOf = (perMinute: number | null): number =>
  perMinute === null ? Infinity : Math.max(1, (perMinute * burst) / minute);

export const openPace = ({ limits, now }: { limits: PaceLimits; now: number }): Pace => ({
  limits,
  atOnce: limits.concurrency,
  goodInRow: 0,
  notBefore: now,
  refusedInRow: 0,
  requests: roomOf(limits.requestsPerMinute),
  tokens: roomOf(limits.tokensPerMinute),
  filledAt: now,
});

function refill(pace: Pace, now: number): Pace {
  const passed = Math.max(0, now - pace.filledAt);
  const level = (before: number, perMinute: number | null): number =>
    perMinute === null ? Infinity : Math.min(roomOf(perMinute), before + (perMinute * passed) / minute);
  const { requestsPerMinute, tokensPerMinute } = pace.limits;
  return {
    ...pace,
    requests: level(pace.requests, requestsPerMinute),
    tokens: level(pace.tokens, tokensPerMinute),
    filledAt: now,
  };
}

/**
 * Whether a call of `tokens` may start while `running` others are under way (token bucket). `waitMilliseconds` 0 lets it
 * start and takes it from the limits; null waits for another call to end. A call larger than a whole burst starts
 * from a full bucket and leaves a debt.
 */
export function admit({
  pace: before,
  now,
  running,
  tokens,
}: {
  pace: Pace;
  now: number;
  running: number;
  tokens: number;
}): { pace: Pace; waitMilliseconds: number | null } {
  const pace = refill(before, now);
  if (running >= pace.atOnce) return { pace, waitMilliseconds: null };
  const { requestsPerMinute, tokensPerMinute } = pace.limits;
  const until = (level: number, needed: number, perMinute: number | null): number =>
    perMinute === null ? 0 : Math.max(0, ((Math.min(needed, roomOf(perMinute)) - level) / perMinute) * minute);
  const wait = Math.max(
    pace.notBefore - now,
    until(pace.requests, 1, requestsPerMinute),
    until(pace.tokens, tokens, tokensPerMinute),
    0,
  );
  if (wait > 0) return { pace, waitMilliseconds: Math.ceil(wait) };
  return { pace: { ...pace, requests: pace.requests - 1, tokens: pace.tokens - tokens }, waitMilliseconds: 0 };
}

/** After a reply: one more at once after a full round of good ones (additive increase). */
export function afterReply(pace: Pace): Pace {
  const goodInRow = pace.goodInRow + 1;
  const grows = goodInRow >= pace.atOnce && pace.atOnce < pace.limits.concurrency;
  return {
    ...pace,
    refusedInRow: 0,
    goodInRow: grows ? 0 : goodInRow,
    atOnce: grows ? pace.atOnce + 1 : pace.atOnce,
  };
}

/**
 * After a 429: half as many at once (multiplicative decrease) and a pause as long as the judge asked, else twice as long
 * each time. Calls that were under way when the pause began halve nothing a second time.
 */
export function afterRefusal({
  pace,
  now,
  retryAfterMilliseconds,
}: {
  pace: Pace;
  now: number;
  retryAfterMilliseconds: number | null;
}): Pace {
  const again = now < pace.notBefore;
  const refusedInRow = again ? pace.refusedInRow : pace.refusedInRow + 1;
  const own = Math.min(longestPause, firstPause * 2 ** (refusedInRow - 1));
  const pause = Math.min(patienceMilliseconds, retryAfterMilliseconds ?? own);
  return {
    ...pace,
    refusedInRow,
    goodInRow: 0,
    atOnce: again ? pace.atOnce : Math.max(1, Math.floor(pace.atOnce / 2)),
    notBefore: Math.max(pace.notBefore, now + pause),
  };
}
