import type { Verdict } from '../domain/release/verdict.js';
import { judgeWindow, type WindowCounts } from '../domain/rollout/breaker.js';
import type { BucketSet } from '../domain/rollout/bucket-set.js';
import type { Telemetry } from '../domain/rollout/telemetry.js';
import type { Arm } from '../domain/rollout/traffic-plan.js';
import type { BreakerWindows } from './canary-evidence.js';
import type { Ports } from './ports.js';

const event = 'error';
const minuteMilliseconds = 60_000;

/**
 * Each key's first request within the window, over all gateways and revisions: its minute decides whether it was an
 * error. Minutes are read in order and a key counts in the first one it shows up in.
 */
function countWindow({
  arm,
  snapshots,
  buckets,
  fromMinute,
}: {
  arm: Arm;
  snapshots: Telemetry[];
  buckets: Ports['buckets'];
  fromMinute: number;
}): WindowCounts {
  const minutes = snapshots
    .flatMap((one) => one.breaker)
    .filter(({ minute }) => minute >= fromMinute)
    .sort((a, b) => a.minute - b.minute);
  let seen: BucketSet = buckets.empty();
  let failed: BucketSet = buckets.empty();
  for (const { arms } of minutes) {
    const keys = buckets.fromBase64(arms[arm].keys).andNot(seen);
    const errors = buckets.fromBase64(arms[arm].events[event] ?? buckets.empty().toBase64());
    failed = failed.or(errors.andNot(seen));
    seen = seen.or(keys);
  }
  return { keys: seen.size, events: failed.size };
}

/** What the absolute limit is judged by, of both arms. */
export function breakerWindows({
  snapshots,
  buckets,
  windowMilliseconds,
  now,
}: {
  snapshots: Telemetry[];
  buckets: Ports['buckets'];
  windowMilliseconds: number;
  /** ISO 8601. */
  now: string;
}): BreakerWindows {
  const fromMinute = Math.floor((Date.parse(now) - windowMilliseconds) / minuteMilliseconds);
  const counts = (arm: Arm): WindowCounts => countWindow({ arm, snapshots, buckets, fromMinute });
  return { champion: counts('champion'), challenger: counts('challenger') };
}

/**
 * The absolute limit on errors, on the challenger with the champion beside it. A first champion has nobody beside it:
 * `alone` judges it by itself. A window without keys is `unmeasured`.
 */
export function breakerVerdict({
  windows,
  limit,
  alone = false,
}: {
  windows: BreakerWindows;
  limit: number;
  alone?: boolean;
}): Verdict {
  const challenger = alone ? windows.champion : windows.challenger;
  const champion = alone ? { keys: 0, events: 0 } : windows.champion;
  const { verdict, reason } = judgeWindow({ event, limit, champion, challenger });
  return {
    gate: 'error limit',
    verdict,
    reason,
    value: challenger.keys === 0 ? null : challenger.events / challenger.keys,
    bound: null,
    limit,
    n: challenger.keys,
    evidence: null,
  };
}
