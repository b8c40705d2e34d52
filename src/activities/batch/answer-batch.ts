import type { AnswerBatchInput, AnsweredChunk } from '../../contracts/batch.js';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ShadowPair } from '../../contracts/shadow-pair.js';
import { parseJson } from '../../domain/parse-json.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { defaultPrompt, type Prompt, promptSchema } from '../../domain/release/prompt.js';
import { effectivePlan, type Target, type TrafficPlan } from '../../domain/rollout/traffic-plan.js';
import type { Clock } from '../clock.js';
import { alive, throwIfCancelled } from '../heartbeat.js';
import { inParallel } from '../in-parallel.js';
import type { Timing } from '../judging/pacer.js';
import { PortError, type Ports } from '../ports.js';
import type { ResultCache } from '../result-cache-port.js';
import { encodeSegment, segmentExtension } from '../segment-file.js';
import { loadJson, loadJsonLines } from '../stored-json.js';
import { type AnsweredItem, itemAnswerer } from './answer-item.js';
import { batchOf } from './batch-of.js';
import { createGate } from './gate.js';
import { summaryMaker } from './make-summary.js';
import { type ChunkResult, chunkResultSchema, dueItemSchema, resultFile, stageSchema } from './stage-file.js';
import { throughOutage } from './through-outage.js';

const planAgeMilliseconds = 1000;
const signOfLifeMilliseconds = 2000;

export function createAnswerBatchActivities({
  store,
  router,
  chat,
  results,
  clock,
  timing,
}: Pick<Ports, 'store' | 'router' | 'chat'> & { results: ResultCache; clock: Clock; timing: Timing }) {
  /** The plan at most a second old: whoever takes traffic back writes it, and the next item goes by it. */
  function planReader(model: string): () => Promise<TrafficPlan> {
    let read: { at: number; plan: Promise<TrafficPlan | null> } | null = null;
    return async () => {
      if (read === null || timing.now() - read.at > planAgeMilliseconds)
        read = { at: timing.now(), plan: throughOutage({ timing, work: () => router.read({ model }) }) };
      const plan = await read.plan;
      if (plan === null) throw new PortError('Unavailable', `${model} has no traffic plan any more`);
      return effectivePlan({ plan, now: clock.now() });
    };
  }

  /** A release's prompt never changes, so each is read once. */
  function promptReader(): (target: Target) => Promise<Prompt> {
    const known = new Map<string, Promise<Prompt>>();
    const load = async ({ releaseId }: Target): Promise<Prompt> => {
      const key = storeKeys.prompt({ releaseId });
      const stored = await throughOutage({ timing, work: () => store.get({ key }) });
      return stored === null ? defaultPrompt : promptSchema.parse(parseJson(Buffer.from(stored.body).toString('utf8')));
    };
    return (target) => {
      const found = known.get(target.releaseId) ?? load(target);
      known.set(target.releaseId, found);
      return found;
    };
  }

  async function storePairs({ file, pairs }: { file: string; pairs: readonly ShadowPair[] }): Promise<void> {
    const byRelease = new Map<string, string[]>();
    for (const pair of pairs) {
      const lines = byRelease.get(pair.challenger.release) ?? [];
      byRelease.set(pair.challenger.release, [...lines, JSON.stringify(pair)]);
    }
    for (const [releaseId, lines] of byRelease) {
      const key = `${storeKeys.shadowPairs({ releaseId })}${file}${segmentExtension}`;
      const body = await encodeSegment({ lines });
      await throughOutage({ timing, work: () => store.put({ key, body }) });
    }
  }

  return {
    /**
     * Answers the items of one chunk, as many at once as the endpoint takes. What is stored is not asked again, so that
     * a retry repeats only calls that were under way. The result is stored too: a chunk that is done stays done.
     */
    async answerBatchChunk({ specification, stage, chunk, most, atOnce }: AnswerBatchInput): Promise<AnsweredChunk> {
      const { spec, batch, family } = await batchOf({ store, ref: specification });
      const { model } = spec;
      const { run, chunks } = await loadJson({ store, ref: stage, schema: stageSchema });
      const key = storeKeys.batchRun({ model, run, file: resultFile(chunk) });
      const done = await store.get({ key });
      if (done !== null) return chunkResultSchema.parse(parseJson(Buffer.from(done.body).toString('utf8'))).counts;
      const due = await loadJsonLines({ store, ref: chunks[chunk]!, schema: dueItemSchema });
      const gate = createGate({ most, atOnce, timing });
      const answer = itemAnswerer({
        make: summaryMaker({ store, chat, model, gate, timing }),
        planNow: planReader(model),
        promptOf: promptReader(),
        ...{ cache: results, clock, timing, model, family, batch, run },
      });
      const answered: AnsweredItem[] = [];
      await alive({
        everyMilliseconds: signOfLifeMilliseconds,
        details: () => ({ answered: answered.length, of: due.length, atOnce: gate.atOnce }),
        work: () =>
          inParallel({
            count: due.length,
            // While some write what they were told, others ask: the gate alone says how many.
            atOnce: 2 * most,
            work: async (index) => {
              throwIfCancelled();
              answered[index] = await answer(due[index]!);
            },
          }),
      });
      const pairs = answered.flatMap(({ pair }) => (pair ? [pair] : []));
      await storePairs({ file: `batch-${run.replaceAll(':', '-')}-${chunk + 1}`, pairs });
      const counts = { ...countsOf({ answered, pairs: pairs.length }), atOnce: gate.atOnce };
      const result: ChunkResult = {
        items: answered.map(({ seen }, index) => ({ before: due[index]!.before, seen })),
        letters: answered.flatMap(({ letter }) => (letter ? [letter] : [])),
        counts,
      };
      const body = Buffer.from(canonicalJson(result));
      await throughOutage({ timing, work: () => store.put({ key, body }) });
      return counts;
    },
  };
}

function countsOf({ answered, pairs }: { answered: readonly AnsweredItem[]; pairs: number }) {
  const inState = (state: AnsweredItem['seen']['state']): number =>
    answered.filter(({ seen }) => seen.state === state).length;
  return {
    summarised: inState('summarised'),
    deadLettered: inState('deadLettered'),
    tooFew: inState('tooFew'),
    calls: answered.reduce((sum, { calls }) => sum + calls, 0),
    repaired: answered.reduce((sum, { repaired }) => sum + repaired, 0),
    unformatted: answered.reduce((sum, { unformatted }) => sum + unformatted, 0),
    pairs,
  };
}
