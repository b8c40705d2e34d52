import type { SampledAnswer } from '../../domain/rollout/bad-answers/sampled-answer.js';
import type { AnswerSample } from '../../domain/rollout/bad-answers/sample-verdict.js';
import { latencyBounds, type ArmTelemetry, type Telemetry } from '../../domain/rollout/telemetry.js';
import type { Arm } from '../../domain/rollout/traffic-plan.js';
import type { BucketSets } from '../ports.js';

/** The event by which guards count what the sample found. */
export const badAnswer = 'badAnswer';
/** Under which the sample's counters stand beside those of the gateways. */
export const samplerName = 'sampled-answers';

const armNames = ['champion', 'challenger'] as const;

export const revisionsOf = (rows: readonly SampledAnswer[]): number[] =>
  [...new Set(rows.map(({ revision }) => revision))].sort((one, other) => one - other);

/**
 * What the sample found under one plan revision, in the form of a gateway's counters: the watcher merges it like those.
 * It has ended from the beginning, since nobody waits for it to go by a plan or to be fresh.
 * @param at ISO 8601.
 */
export function sampleTelemetry({
  model,
  revision,
  rows,
  buckets,
  at,
}: {
  model: string;
  revision: number;
  rows: readonly SampledAnswer[];
  buckets: BucketSets;
  at: string;
}): Telemetry {
  const arm = (name: Arm): ArmTelemetry => {
    const bad = rows.filter((row) => row.revision === revision && row.arm === name && row.bad);
    const seen = new Set<number>();
    const again = new Set<number>();
    for (const { bucket } of bad) (seen.has(bucket) ? again : seen).add(bucket);
    const event = {
      count: bad.length,
      buckets: buckets.of([...seen]).toBase64(),
      again: buckets.of([...again]).toBase64(),
    };
    return {
      exposed: buckets.empty().toBase64(),
      requests: 0,
      latency: latencyBounds.map(() => 0).concat(0),
      events: bad.length === 0 ? {} : { [badAnswer]: event },
    };
  };
  return {
    model,
    gateway: samplerName,
    revision,
    at,
    arms: { champion: arm('champion'), challenger: arm('challenger') },
    breaker: [],
    ended: true,
  };
}

/** How many answers were looked at, by revision and arm. */
export const countsOf = (rows: readonly SampledAnswer[]): AnswerSample['revisions'] =>
  revisionsOf(rows).map((revision) => {
    const of = (name: Arm) => {
      const own = rows.filter((row) => row.revision === revision && row.arm === name);
      return {
        answers: own.length,
        judged: own.filter(({ judged }) => judged !== null).length,
        bad: own.filter(({ bad }) => bad).length,
      };
    };
    const [champion, challenger] = armNames.map(of) as [ReturnType<typeof of>, ReturnType<typeof of>];
    return { revision, champion, challenger };
  });
