import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createBatchActivities } from '../../../../src/activities/batch/index.js';
import { readWatermark } from '../../../../src/activities/batch/watermark.js';
import type { Timing } from '../../../../src/activities/judging/pacer.js';
import type { ArtifactStore, ChatModel, ChatReply } from '../../../../src/activities/ports.js';
import { ExternalSources } from '../../../../src/adapters/data-sources/data-sources.js';
import { DirectoryStore } from '../../../../src/adapters/directory-store/directory-store.js';
import { StoreResultCache } from '../../../../src/adapters/store-result-cache/store-result-cache.js';
import { StoreRouter } from '../../../../src/adapters/store-router/store-router.js';
import type { ArtifactRef } from '../../../../src/domain/artifact-ref.js';
import { createPseudonyms } from '../../../../src/domain/dataset/pseudonyms.js';
import { canonicalJson, digestOf } from '../../../../src/domain/release/evidence.js';
import { defaultPrompt } from '../../../../src/domain/release/prompt.js';
import type { ReplyFormat } from '../../../../src/domain/summaries/reply-format.js';
import type { PlanChange } from '../../../../src/domain/rollout/traffic-plan.js';
import { modelSpecSchema } from '../../../../src/domain/spec/model-spec.js';

export const model = 'review-summaries.home';
export const family = 'review-summaries';

export interface WrittenReview {
  review_id: string;
  product_id: string;
  star_rating: number;
  text: string;
  category?: string;
  helpful_votes?: number;
}

export const reviewsOf = (item: string, count: number, from = 0): WrittenReview[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ review_id: `${item}-${from + index}`, product_id: item, star_rating: ((from + index) % 5) + 1 },
    text: `Review ${from + index} says that ${item} is a sturdy kettle with a short cord.`,
    ...{ category: 'home', helpful_votes: index },
  }));

export const summaryReply = JSON.stringify({
  ...{ pros: ['sturdy'], cons: ['short cord'], summary: 'A sturdy kettle with a short cord.', sources: [1] },
});

interface Call {
  model: string;
  question: string;
  /** Whether it is asked to mend a reply. */
  again: boolean;
  /** The shape that was asked for. */
  format: ReplyFormat | null;
}

export const targetOf = (releaseId: string) => ({
  ...{ releaseId, endpoint: 'http://127.0.0.1:1/v1', adapter: releaseId, promptDigest: null, indexVersion: null },
});

/** Batch activities over a real store and a source of reviews; `answer` is the model, time passes only by waiting. */
export async function openBatchWorld({
  batch = {},
  wrap = (store) => store,
}: {
  batch?: Record<string, unknown>;
  wrap?: (store: DirectoryStore) => ArtifactStore;
} = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-batch-'));
  const plain = new DirectoryStore({ root: join(folder, 'store') });
  const store = wrap(plain);
  const router = new StoreRouter({ store: plain });
  const source = join(folder, 'reviews.jsonl');
  const calls: Call[] = [];
  let takesFormats = true;
  let answer: (call: Call) => string | Promise<string> = () => summaryReply;
  let now = Date.parse('2026-03-01T00:00:00.000Z');
  const timing: Timing = {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
      await nextTurn();
    },
  };
  const chat: ChatModel = {
    complete: async (asked): Promise<ChatReply> => {
      const question = asked.messages[0]!.content;
      const format = asked.replyFormat ?? null;
      const call = { model: asked.model, question, again: question.includes('not usable'), format };
      calls.push(call);
      await nextTurn();
      const inFormat = format !== null && takesFormats ? { inFormat: true as const } : {};
      return { text: await answer(call), promptTokens: 10, completionTokens: 5, milliseconds: 20, ...inFormat };
    },
  };
  const clock = { now: () => new Date(now).toISOString() };
  const results = new StoreResultCache({ store, now: clock.now });
  const pseudonyms = createPseudonyms({ key: null });
  const activitiesOver = (over: ArtifactStore) =>
    createBatchActivities({
      ...{ store: over, sources: new ExternalSources(), router, chat, pseudonyms, clock, timing },
      results: new StoreResultCache({ store: over, now: clock.now }),
    });
  const activities = activitiesOver(store);
  const golden = await plain.put({ key: 'golden/m/v1.jsonl', body: Buffer.from('') });
  const applied = async (change: Record<string, unknown>): Promise<ArtifactRef> => {
    const spec = modelSpecSchema.parse({
      ...{ apiVersion: 'understudy/v1', model, family, domain: 'home', base: { id: 'tiny' } },
      data: {
        recipe: 'support-tickets',
        source: { kind: 'jsonl', uri: source },
        goldenSet: 'g.jsonl',
        languages: ['en', 'pt'],
      },
      evaluation: { preset: 'support-deterministic' },
      batch: { source: { kind: 'jsonl', uri: source }, domain: { values: ['home'] }, itemsPerChunk: 10, ...change },
    });
    const document = {
      ...{ version: 1, spec, golden: { name: 'm', version: 'v1', ref: golden }, prompt: defaultPrompt },
      ...{ promptDigest: digestOf(defaultPrompt), overlays: [] },
    };
    const body = Buffer.from(canonicalJson(document));
    return await plain.put({ key: `specs/m/${digestOf(document)}.json`, body });
  };
  let specification = await applied(batch);

  return {
    ...{ store: plain, router, results, activities, calls, clock, source },
    get specification() {
      return specification;
    },
    /** Applies another batch of the spec. */
    apply: async (change: Record<string, unknown>): Promise<void> => void (specification = await applied(change)),
    /** What the model says from now on. */
    says: (said: typeof answer): void => void (answer = said),
    /** A model whose endpoint takes no format from now on, as the adapter tells it. */
    takesNoFormat: (): void => void (takesFormats = false),
    pass: (milliseconds: number): void => void (now += milliseconds),
    write: (reviews: readonly WrittenReview[]): Promise<void> =>
      writeFile(source, reviews.map((review) => `${JSON.stringify(review)}\n`).join('')),
    plan: (change: Partial<PlanChange> = {}) =>
      router.write({
        model,
        owner: { workflowId: 'w', epoch: 2 },
        change: { champion: targetOf('home-r1'), reason: 'test', ...change },
        expectedRevision: null,
      }),
    stage: () => activities.stageBatch({ specification, run: clock.now() }),
    /** A whole run as the workflow makes it, over another store where one is given; what was counted, in all. */
    run: async ({ store: over }: { store?: ArtifactStore } = {}) => {
      const run = clock.now();
      const { stageBatch, answerBatchChunk, concludeBatch, clearBatch } = over ? activitiesOver(over) : activities;
      const staged = await stageBatch({ specification, run });
      const sum = { summarised: 0, deadLettered: 0, tooFew: 0, calls: 0, repaired: 0, unformatted: 0, pairs: 0 };
      const { stage } = staged;
      if (stage === null) return { ...staged, ...sum };
      for (let chunk = 0; chunk < staged.chunks; chunk += 1) {
        const counts = await answerBatchChunk({ specification, stage, chunk, most: 4, atOnce: 4 });
        for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counts[name] ?? 0;
      }
      await concludeBatch({ specification, stage });
      await clearBatch({ specification, run });
      now += 3_600_000;
      return { ...staged, ...sum };
    },
    summary: (item: string) => results.get({ family, item }),
    watermark: () => readWatermark({ store: plain, model }),
    keys: async (prefix: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of plain.list({ prefix })) keys.push(key);
      return keys;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
export type BatchWorld = Awaited<ReturnType<typeof openBatchWorld>>;
