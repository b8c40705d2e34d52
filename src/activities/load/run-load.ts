import { z } from 'zod';
import type { LoadInput, LoadResult } from '../../contracts/load.js';
import { storeKeys } from '../../contracts/store-keys.js';
import { artifactRefSchema } from '../../domain/artifact-ref.js';
import { judgeLoad } from '../../domain/load/judge-load.js';
import { loadRefusal } from '../../domain/load/load-bounds.js';
import { loadFigures, type LoadFigures } from '../../domain/load/load-figures.js';
import { loadSteps, type LoadSample } from '../../domain/load/load-sample.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { renderPrompt } from '../../domain/release/prompt.js';
import { replyFormatOf } from '../../domain/summaries/reply-format.js';
import { verdictKinds, verdictSchema } from '../../domain/release/verdict.js';
import { systemClock, type Clock } from '../clock.js';
import { alive, cancellationSignal } from '../heartbeat.js';
import { systemTiming, type Timing } from '../judging/pacer.js';
import { PortError, type Ports } from '../ports.js';
import { loadSpecification } from '../specifications.js';
import { jsonLines } from '../stored-json.js';
import { loadQuestions } from './load-questions.js';
import { openLoop } from './open-loop.js';

const seed = 1;
const beatMilliseconds = 2000;
const leastTimeoutMilliseconds = 10_000;

const rate = z.number().positive();
const time = z.number().min(0).nullable();
const figuresSchema = z.object({
  perSecond: rate,
  milliseconds: z.number(),
  requests: z.number().int(),
  success: z.number(),
  latencyP50: time,
  latencyP95: time,
  latencyP99: time,
  firstTokenP50: time,
  firstTokenP95: time,
  tokensPerSecond: z.number(),
  lateP99: z.number(),
  errors: z.record(z.string(), z.number().int()),
});

/** `releases/<id>/load/evidence.json`: everything a load test's verdict rests on. */
export const loadEvidenceSchema = z.object({
  version: z.literal(1),
  releaseId: z.string(),
  at: z.iso.datetime(),
  before: z.string().nullable().describe('digest of the evidence that it began with'),
  endpoint: z.string(),
  limits: z.object({
    latencyP95Milliseconds: z.number(),
    firstTokenP95Milliseconds: z.number().nullable(),
    minimumSuccess: z.number(),
  }),
  seed: z.number().int(),
  questions: z.object({ from: z.enum(['request log', 'golden set']), count: z.number().int() }),
  requests: artifactRefSchema.describe('every request with its times'),
  steps: z.array(figuresSchema),
  kept: rate.nullable(),
  knee: rate.nullable(),
  verdict: z.enum(verdictKinds),
  verdicts: z.array(verdictSchema),
});
export type LoadEvidence = z.infer<typeof loadEvidenceSchema>;

/** Load tests of a served release: rates that rise to the one that counts, and no further once a limit is broken. */
export function createLoadActivities({
  store,
  stream,
  clock = systemClock,
  timing = systemTiming,
}: Pick<Ports, 'store' | 'stream'> & { clock?: Clock; timing?: Timing }) {
  return {
    async runLoadTest(input: LoadInput): Promise<LoadResult> {
      const { releaseId, model, target, latencyP95Milliseconds, firstTokenP95Milliseconds, minimumSuccess } = input;
      const refusal = loadRefusal(input);
      if (refusal !== null) throw new PortError('InvalidInput', `load test of ${releaseId}: ${refusal}`);
      const specification = await loadSpecification({ store, ref: input.specification });
      const { prompt } = specification;
      const { from, questions } = await loadQuestions({ store, model, specification, seed });
      const limits = { latencyP95Milliseconds, firstTokenP95Milliseconds, minimumSuccess };
      const signal = cancellationSignal();
      const samples: LoadSample[] = [];
      const steps: LoadFigures[] = [];
      const climb = async (): Promise<void> => {
        for (const [index, step] of loadSteps(input).entries()) {
          const own = await openLoop({
            step,
            index,
            seed: seed + index,
            timing,
            signal,
            timeoutMilliseconds: Math.max(leastTimeoutMilliseconds, 10 * latencyP95Milliseconds),
            ask: (n, until) => {
              const query = questions[n % questions.length]!;
              const replyFormat = replyFormatOf({ prompt, query });
              return stream.ask({
                endpoint: target.endpoint,
                model: target.adapter,
                maxTokens: prompt.maxTokens,
                signal: until,
                messages: renderPrompt({ prompt, query }),
                ...(replyFormat && { replyFormat }),
              });
            },
          });
          // As many arguments as a long step has samples are more than a call takes.
          for (const one of own) samples.push(one);
          steps.push(loadFigures({ step, samples: own }));
          if (judgeLoad({ steps, limits }).knee !== null) break;
        }
      };
      await alive({
        everyMilliseconds: beatMilliseconds,
        details: () => ({ steps: steps.length, requests: samples.length }),
        work: climb,
      });
      const { verdict, reason, verdicts, kept, knee } = judgeLoad({ steps, limits });
      // One that runs alone must not take the place of what an approval has signed.
      const folder = input.evidenceDigest === null ? 'load-alone' : 'load';
      const requests = await store.put({
        key: storeKeys.release({ releaseId, file: `${folder}/requests.jsonl` }),
        body: jsonLines(samples),
      });
      const evidence: LoadEvidence = {
        version: 1,
        releaseId,
        at: clock.now(),
        before: input.evidenceDigest,
        endpoint: target.endpoint,
        limits,
        seed,
        questions: { from, count: questions.length },
        requests,
        steps,
        kept,
        knee,
        verdict,
        verdicts,
      };
      const ref = await store.put({
        key: storeKeys.release({ releaseId, file: `${folder}/evidence.json` }),
        body: Buffer.from(canonicalJson(evidence)),
      });
      const shown = verdicts.map((one) => ({ ...one, evidence: ref }));
      return { verdict, reason, verdicts: shown, evidence: ref, evidenceDigest: ref.sha256, kept, knee };
    },
  };
}
