import { storeKeys } from '../../contracts/store-keys.js';
import { scoreToxicity } from '../../domain/dataset/toxicity.js';
import { parseJson } from '../../domain/parse-json.js';
import { compileJsonSchema } from '../../domain/evaluation/json-schemas.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { signsOf } from '../../domain/rollout/bad-answers/answer-signs.js';
import { sampledAnswerSchema, type SampledAnswer } from '../../domain/rollout/bad-answers/sampled-answer.js';
import { answerSampleSchema, type AnswerSample } from '../../domain/rollout/bad-answers/sample-verdict.js';
import { isSampled } from '../../domain/rollout/mirror-sample.js';
import type { BadAnswersSpec } from '../../domain/spec/rollout-spec.js';
import type { Specification } from '../../domain/spec/specification.js';
import type { Clock } from '../clock.js';
import { throwIfCancelled } from '../heartbeat.js';
import { systemTiming, type Pacer, type Timing } from '../judging/pacer.js';
import type { ArtifactStore, Ports } from '../ports.js';
import { openStoredRows } from '../stored-rows.js';
import { openAnswerJudge, type AnswerJudge } from './answer-judge.js';
import { answerReader, type LoggedAnswer } from './logged-answers.js';
import { countsOf, revisionsOf, samplerName, sampleTelemetry } from './sample-telemetry.js';
import { readJson } from '../stored-json.js';

/** Looked at between two writes: enough to keep a judge busy, few enough that a kill loses little. */
const chunkAnswers = 50;
/** So many say all that a sample can. */
const mostAnswers = 100_000;
/** Before the first look nothing is known of when the canary began; an earlier answer is of an earlier revision. */
const lookBackMilliseconds = 3_600_000;

export interface AnswerSampler {
  /** Takes in what the request log holds anew, and writes what it found where the watcher looks. */
  take(): Promise<void>;
}

interface SampledRelease {
  releaseId: string;
  model: string;
  fromRevision: number;
  badAnswers: BadAnswersSpec;
}

const judgeOf = async ({
  ports: { store, judge, pacer, clock, timing = systemTiming },
  specification,
  of: { releaseId, badAnswers },
  spentBefore,
}: {
  ports: SamplerPorts;
  specification: Specification;
  of: SampledRelease;
  spentBefore: number;
}): Promise<AnswerJudge | null> => {
  const spec = specification.spec.evaluation.judge;
  if (spec === null || judge === null || pacer === null) return null;
  return await openAnswerJudge({
    store,
    judge,
    pacer,
    timing,
    spec,
    releaseId,
    spentBefore,
    budgetUsd: badAnswers.budgetUsd,
    calibration: specification.judgeCalibration ?? null,
    now: clock.now(),
  });
};

export interface SamplerPorts extends Pick<Ports, 'store' | 'buckets' | 'judge'> {
  pacer: Pacer | null;
  clock: Clock;
  timing?: Timing;
}

/**
 * A sample of the answers that users got, the same share on both arms by a hash of their ids, looked at by rules and,
 * where one may decide, by the judge. What is bad is counted at the sticky key, arm and revision of the answer, beside
 * the counters of the gateways. Whether an answer is in the sample does not depend on its arm, so that the guard's test
 * holds as for any event.
 */
export async function openAnswerSampler({
  ports,
  of,
  specification,
}: {
  ports: SamplerPorts;
  of: SampledRelease;
  specification: Specification;
}): Promise<AnswerSampler> {
  const { store, buckets, clock } = ports;
  const { releaseId, model, fromRevision, badAnswers } = of;
  const kept = await openStoredRows({
    store,
    prefix: storeKeys.release({ releaseId, file: 'canary/answers-' }),
    schema: sampledAnswerSchema,
  });
  const judge = await judgeOf({ ports, specification, of, spentBefore: kept.spentUsd });
  const newest = kept.rows.at(-1)?.at ?? clock.now();
  const from = new Date(Date.parse(newest) - lookBackMilliseconds).toISOString();
  const reader = answerReader({ store, model, from });
  // The tables of the detector are large: only who samples loads them.
  const { detectLanguage } = await import('../../domain/dataset/language-detection.js');
  const { jsonSchema } = specification.spec.gateway.guardrails.output;
  const check = jsonSchema && compileJsonSchema(jsonSchema);
  const isOfSchema = check && ((answer: string): boolean => check(parseJson(answer)).accepted);
  const unread: AnswerSample['unread'] = [];
  let withoutText = 0;
  let problem: string | null = null;
  /** An earlier attempt may have ended between its rows and the counters made of them. */
  let isFirst = true;

  const isWanted = ({ id, revision, arm, release, counted, status, guardrail }: LoggedAnswer): boolean =>
    counted &&
    status === 200 &&
    revision >= fromRevision &&
    // What a guardrail has changed or stopped counts as `blocked`; what the champion said in the challenger's place is not its own.
    guardrail === null &&
    (release === releaseId) === (arm === 'challenger') &&
    kept.get(id) === undefined &&
    isSampled({ purpose: 'bad-answers', id, share: badAnswers.sample });

  async function look({ id, at, revision, arm, bucket, query, answer }: LoggedAnswer): Promise<SampledAnswer> {
    const language = detectLanguage({ text: answer! });
    const signs = signsOf({
      answer: answer!,
      toxicity: scoreToxicity({ text: answer!, language: language.language }),
      languages: { question: detectLanguage({ text: query! }), answer: language },
      isOfSchema,
    });
    const judged = judge?.decides
      ? await judge.judge({ id, question: query!, answer: answer! })
      : { judged: null, judgedReason: null, bad: false };
    problem = judged.judgedReason ?? problem;
    return { id, at, revision, arm, bucket, signs, ...judged, bad: signs.length > 0 || judged.bad };
  }

  async function write(changed: readonly SampledAnswer[]): Promise<void> {
    const at = clock.now();
    const { rows } = kept;
    for (const revision of revisionsOf(changed)) {
      const telemetry = sampleTelemetry({ model, revision, rows, buckets, at });
      await store.put({
        key: storeKeys.telemetry({ model, revision, gateway: samplerName }),
        body: Buffer.from(JSON.stringify(telemetry)),
      });
    }
    const sample: AnswerSample = {
      version: 1,
      at,
      sample: badAnswers.sample,
      judge: judge && {
        name: judge.name,
        decides: judge.decides,
        reason: judge.reason,
        spentUsd: judge.spentUsd(),
      },
      revisions: countsOf(rows),
      withoutText,
      problem,
      unread,
    };
    await store.put({ key: storeKeys.answerSample({ releaseId }), body: Buffer.from(canonicalJson(sample)) });
  }

  return {
    take: async () => {
      const read = await reader.next({ now: clock.now() });
      unread.push(...read.unread);
      const wanted = read.answers.filter(isWanted);
      const whole = wanted.filter(({ query, answer }) => query !== null && answer !== null);
      withoutText += wanted.length - whole.length;
      const fresh = [...new Map(whole.map((one) => [one.id, one])).values()].slice(0, mostAnswers - kept.rows.length);
      for (let start = 0; start < fresh.length; start += chunkAnswers) {
        throwIfCancelled();
        const rows = await Promise.all(fresh.slice(start, start + chunkAnswers).map(look));
        await judge?.stored();
        await kept.append({ rows, spentUsd: judge?.spentUsd() ?? 0 });
        await write(rows);
      }
      if (fresh.length === 0) await write(isFirst ? kept.rows : []);
      isFirst = false;
    },
  };
}

/** How far the sample of a release is looked at; null where nothing was. */
export async function readAnswerSample({
  store,
  releaseId,
}: {
  store: Pick<ArtifactStore, 'get'>;
  releaseId: string;
}): Promise<AnswerSample | null> {
  return await readJson({ store, key: storeKeys.answerSample({ releaseId }), schema: answerSampleSchema });
}
