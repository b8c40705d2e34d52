import { isJudged } from '../evaluation/judge/judged-metrics.js';
import { needsOf } from '../evaluation/needs.js';
import { loadRefusal } from '../load/load-bounds.js';
import type { DataSpec } from './data-spec.js';
import { guardProblems } from './guard-problems.js';
import type { ModelSpec, SpecProblem } from './model-spec.js';
import { milliseconds } from './quantities.js';
import { unknownMetrics } from './unknown-metrics.js';
import { holdsPassword, shownUri } from './source-uri.js';

/** Five times the heartbeat timeout of the guards' watcher, which renews the lease. */
const leastLeaseMilliseconds = 50_000;

type Asked = [path: string, value: unknown, wanted: boolean, instead: string];

const problemsOf = (asked: readonly Asked[]): SpecProblem[] =>
  asked.filter(([, , wanted]) => wanted).map(([path, value, , expected]) => ({ path, value, expected }));

/** What a data set is asked for that this version does not carry out, or that must not stand in a spec. */
export function unsupportedData(data: DataSpec): SpecProblem[] {
  const { source } = data;
  return problemsOf([
    [
      'data.source.uri',
      shownUri(source.uri),
      holdsPassword(source.uri),
      'no password: the spec is kept in plain text; set PGPASSWORD where the worker runs',
    ],
  ]);
}

/** Guards on events that nothing would ever count: they would look like guards that passed. */
function unmeasuredGuards({ rollout, gateway }: ModelSpec): Asked[] {
  const watches = (event: string): boolean => rollout.canary.guards.some((guard) => guard.event === event);
  const { personalData, sample } = gateway.requestLog;
  return [
    [
      'rollout.slo.firstToken',
      rollout.slo.firstToken,
      watches('slowStart') && rollout.slo.firstToken === null,
      'a duration, such as 1s: the guard on slowStart counts the streams that begin later',
    ],
    [
      'gateway.requestLog',
      { personalData, sample },
      watches('badAnswer') && rollout.canary.badAnswers !== null && (personalData === 'leaveOut' || sample === 0),
      'texts of some requests: the guard on badAnswer reads them there; or rollout.canary.badAnswers: null, which leaves it at reports',
    ],
  ];
}

/** A load test that no worker could run. */
function loadProblems({ rollout: { load } }: ModelSpec): SpecProblem[] {
  if (load === null) return [];
  const { expectedPeak, factor, duration } = load;
  const refusal = loadRefusal({ perSecond: expectedPeak * factor, milliseconds: milliseconds(duration) });
  return refusal === null
    ? []
    : [
        {
          path: 'rollout.load.expectedPeak',
          value: expectedPeak,
          expected: `what a worker can ask; this is ${refusal}`,
        },
      ];
}

/**
 * The parts a spec asks for that this version does not carry out yet. Applying such a spec is refused: a stage that is
 * silently left out would look like one that passed.
 */
export function unsupportedParts(spec: ModelSpec): SpecProblem[] {
  const { primary, gates, guardrails } = spec.evaluation;
  const judged = [...primary, ...gates, ...guardrails].map((one) => one.metric).filter(isJudged);
  const batchUri = spec.batch?.source.uri ?? '';
  const parts = problemsOf([
    [
      'batch.source.uri',
      shownUri(batchUri),
      holdsPassword(batchUri),
      'no password: the spec is kept in plain text; set PGPASSWORD where the worker runs',
    ],
    [
      'retrieval.crossEncoder.endpoint',
      shownUri(spec.retrieval?.crossEncoder?.endpoint ?? ''),
      holdsPassword(spec.retrieval?.crossEncoder?.endpoint ?? ''),
      'no password: the spec is kept in plain text; set UNDERSTUDY_RERANK_API_KEY where workers and gateways run',
    ],
    [
      'rollout.slo.errorRate.window',
      spec.rollout.slo.errorRate.window,
      milliseconds(spec.rollout.slo.errorRate.window) > 600_000,
      '10m or less, which is how far back the gateways keep single minutes',
    ],
    [
      'rollout.lease',
      spec.rollout.lease,
      milliseconds(spec.rollout.lease) < leastLeaseMilliseconds,
      `${leastLeaseMilliseconds / 1000}s or more: a watcher that is lost is missed after 10 s, and another needs time to renew it`,
    ],
    ...unmeasuredGuards(spec),
    [
      'evaluation.preset',
      spec.evaluation.preset,
      !spec.evaluation.preset.endsWith('-deterministic') && spec.evaluation.judge === null,
      'support-deterministic or summaries-deterministic, or a judge in evaluation.judge: the others need one',
    ],
    [
      'evaluation.judge',
      null,
      spec.evaluation.judge === null && judged.length > 0,
      `a judge: only a judge measures ${[...new Set(judged)].join(', ')}`,
    ],
    [
      'evaluation.baseline',
      spec.evaluation.baseline,
      spec.evaluation.baseline !== null && spec.evaluation.primary.some(({ metric }) => isJudged(metric)),
      'null: the baseline is compared on the primary metrics, and a judge does not see its answers',
    ],
    [
      'evaluation.baseline',
      spec.evaluation.baseline,
      spec.evaluation.baseline !== null &&
        needsOf({ metrics: primary.map(({ metric }) => metric) }).probeKinds.length > 0,
      'null: the baseline is compared on the primary metrics, and is asked no probes',
    ],
    [
      'evaluation.answerPrice',
      null,
      spec.evaluation.answerPrice === null &&
        [...primary, ...gates, ...guardrails].some(({ metric }) => metric === 'costUsd'),
      'a price: costUsd is tokens times it',
    ],
    [
      'data.chatTemplate',
      spec.data.chatTemplate,
      spec.data.chatTemplate !== 'base',
      "base: the trainer writes chats in the base model's own template, as the server does; understudy data build writes the others",
    ],
  ]);
  return [
    ...parts,
    ...guardProblems(spec.rollout),
    ...loadProblems(spec),
    ...unknownMetrics(spec.evaluation),
    ...unsupportedData(spec.data),
  ];
}
