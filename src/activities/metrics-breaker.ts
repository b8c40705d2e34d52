import { inBackground } from './background.js';
import { judgeWindow } from '../domain/rollout/breaker.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { Arm } from '../domain/rollout/traffic-plan.js';
import type { MetricsReading, MetricsSource } from './metrics-source-port.js';
import { PortError } from './ports.js';

const event = 'error';
const gate = 'error limit (monitoring)';
/** As old as the gateways' own telemetry may be. */
const limitMilliseconds = 5 * 60_000;

/**
 * The absolute limit on errors as a monitoring system sees it: requests, not keys, so that it may trip by one user's
 * retries where the gateways' own counters would not. Old or missing data is `unmeasured`, never a pass; a
 * monitoring system that is away stops nothing, since the gateways' counters are judged beside it.
 */
export async function judgeMetricsBreaker({
  metrics,
  model,
  fromRevision,
  limit,
  windowMilliseconds,
  now,
}: {
  metrics: MetricsSource;
  model: string;
  fromRevision: number;
  limit: number;
  windowMilliseconds: number;
  now: string;
}): Promise<Verdict> {
  const read = await readOrReason(metrics.read({ model, fromRevision, windowMilliseconds, now }));
  const missing = (reason: string): Verdict => unmeasured({ reason, limit });
  if (typeof read === 'string') return missing(read);
  if (read.measuredAt === null) return missing(`no gateway of ${model} shows in the monitoring`);
  const age = Date.parse(now) - Date.parse(read.measuredAt);
  if (age > limitMilliseconds)
    return missing(`the oldest gateway was read ${Math.round(age / 1000)} s ago, limit ${limitMilliseconds / 1000} s`);
  const countsOf = (arm: Arm) => ({
    keys: Math.round(read.arms[arm].requests),
    events: Math.round(read.arms[arm].events[event] ?? 0),
  });
  const challenger = countsOf('challenger');
  const { verdict, reason } = judgeWindow({ event, limit, challenger, champion: countsOf('champion') });
  const value = challenger.keys === 0 ? null : challenger.events / challenger.keys;
  return {
    gate,
    verdict,
    reason: `${reason} (requests counted as keys)`,
    value,
    bound: null,
    limit,
    n: challenger.keys,
    evidence: null,
  };
}

const unmeasured = ({ reason, limit }: { reason: string; limit: number }): Verdict => ({
  gate,
  verdict: 'unmeasured',
  reason,
  value: null,
  bound: null,
  limit,
  n: 0,
  evidence: null,
});

async function readOrReason(reading: Promise<MetricsReading>): Promise<MetricsReading | string> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PortError) return `the monitoring can't be asked: ${error.message}`;
    throw error;
  }
}

const everyMilliseconds = 5000;

/**
 * The same, asked in the background at most every five seconds: looks at the gateways' own counters never wait for a
 * monitoring system that is slow. The verdict is the latest one that came.
 */
export function metricsWatch(input: Omit<Parameters<typeof judgeMetricsBreaker>[0], 'now'>) {
  let latest: Verdict | null = null;
  const asking = inBackground({
    everyMilliseconds,
    work: async ({ now }) => {
      latest = await judgeMetricsBreaker({ ...input, now });
    },
    // What can't be asked is a verdict already; anything else is shown as one instead of ending the watch.
    onFailure: (error) => {
      latest = unmeasured({ reason: `the monitoring can't be judged: ${String(error)}`, limit: input.limit });
    },
  });
  return {
    /** @param now ISO 8601. */
    look({ now }: { now: string }): Verdict[] {
      asking.look({ now });
      return latest === null ? [] : [latest];
    },
  };
}
