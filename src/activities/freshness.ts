import type { Verdict } from '../domain/release/verdict.js';
import { silenceMilliseconds } from '../domain/rollout/telemetry.js';
import type { TelemetryReading } from './ports.js';

/** Clocks of machines that keep time differ by less. */
const aheadMilliseconds = 60_000;

/**
 * Whether every gateway still counts. A gateway is live under a revision once it has written counters of it, which it
 * does when it adopts the plan, and until its last write, made when it drains, says that it has ended. A live gateway
 * writes at least once a heartbeat, also without requests, so that the oldest write among the live ones is what counts:
 * one that serves but can't write any more must not hide behind the others. One that is silent for the lease and five
 * minutes more is gone, dead or not, where others are there: a gateway that reads the store and can't write for five
 * minutes, or whose lease lapsed because it can't read, gives everybody to the fallback. Counters that can't be read are
 * no counters: `unmeasured`. So is a gateway whose clock is ahead: its last write would look fresh for that much longer.
 * Gateways that stand still between requests write with each answer and never else, and most of them are gone unseen: of
 * these the newest write counts.
 */
export function judgeFreshness({
  snapshots,
  corrupt,
  revision,
  now,
  leaseMilliseconds,
}: TelemetryReading & { revision: number; now: string; leaseMilliseconds: number }): Verdict {
  const counting = snapshots.filter((one) => one.revision === revision && one.ended !== true);
  const byAge = counting.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const newestSuspended = byAge.findLast(({ suspended }) => suspended === true);
  const known = byAge.filter((one) => one.suspended !== true || one === newestSuspended);
  const goneMilliseconds = leaseMilliseconds + silenceMilliseconds;
  const present = known.filter(({ at }) => Date.parse(now) - Date.parse(at) <= goneMilliseconds);
  const live = present.length > 0 ? present : known;
  const gone = known.slice(0, known.length - live.length).map(({ gateway }) => gateway);
  const oldest = live[0] ?? null;
  const say = (verdict: Verdict['verdict'], reason: string): Verdict => ({
    gate: 'telemetry',
    verdict,
    reason,
    value: null,
    bound: null,
    limit: null,
    n: live.length,
    evidence: null,
  });
  if (corrupt.length > 0)
    return say(
      'unmeasured',
      `counters can't be read: ${corrupt.map(({ key, reason }) => `${key}: ${reason}`).join('; ')}`,
    );
  if (oldest === null) return say('unmeasured', `no live gateway has written telemetry under revision ${revision}`);
  const ahead = live.filter(({ at }) => Date.parse(at) - Date.parse(now) > aheadMilliseconds);
  if (ahead.length > 0)
    return say(
      'unmeasured',
      `the clock is ahead of the worker's on ${ahead.map(({ gateway, at }) => `${gateway} by ${Math.round((Date.parse(at) - Date.parse(now)) / 1000)} s`).join(', ')}, limit ${aheadMilliseconds / 1000} s; keep the time of both by NTP`,
    );
  const age = Date.parse(now) - Date.parse(oldest.at);
  return say(
    age <= silenceMilliseconds ? 'pass' : 'unmeasured',
    `oldest telemetry of ${live.length} live gateways is ${Math.round(age / 1000)} s old (${oldest.gateway}), limit ${silenceMilliseconds / 1000} s${gone.length === 0 ? '' : `; gone without a word: ${gone.join(', ')}`}`,
  );
}
