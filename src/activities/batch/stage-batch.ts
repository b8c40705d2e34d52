import { join } from 'node:path';
import type { StagedBatch } from '../../contracts/batch.js';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import type { Pseudonyms } from '../../domain/dataset/pseudonyms.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { readsLikeInjection } from '../../domain/guardrails/injection-patterns.js';
import { effectivePlan } from '../../domain/rollout/traffic-plan.js';
import type { BatchSpec } from '../../domain/spec/batch-spec.js';
import { milliseconds } from '../../domain/spec/quantities.js';
import { chooseReviews } from '../../domain/summaries/choose-reviews.js';
import { snippetsOf } from '../../domain/summaries/question.js';
import { isRatedOfFive, itemReview, onceEach } from '../../domain/summaries/review.js';
import { whyDue } from '../../domain/summaries/seen-item.js';
import type { Clock } from '../clock.js';
import { createLineWriter, readLines } from '../dataset-files.js';
import { withScratch } from '../dataset-scratch.js';
import { activityPulse as pulse } from '../datasets.js';
import type { Timing } from '../judging/pacer.js';
import type { Ports } from '../ports.js';
import type { ResultCache } from '../result-cache-port.js';
import { asBatchProblems } from './as-batch-problems.js';
import { batchOf } from './batch-of.js';
import { readReviews, type ReadReviews, reviewsPlan, rowContent } from './read-reviews.js';
import { chunkFile, type DueItem, reviewsDigest } from './stage-file.js';
import { throughOutage } from './through-outage.js';
import { readWatermark } from './watermark.js';

/** Summaries that are looked up in the cache at a time. */
const lookedUpAtOnce = 32;
/** Chunks that are answered side by side; their number is a multiple of it, so that none works alone at the end. */
const chunksAtOnce = 2;

/** An item as the source and the watermark have it. */
type Found = Pick<DueItem, 'item' | 'reviews' | 'before'> & { rows: readonly string[] };

export function createStageActivities({
  store,
  sources,
  router,
  results,
  clock,
  timing,
  pseudonyms,
}: Pick<Ports, 'store' | 'sources' | 'router'> & {
  results: ResultCache;
  clock: Clock;
  timing: Timing;
  pseudonyms: Pseudonyms;
}) {
  /** Of items that have not changed, those whose summary is in the cache no more: somebody has emptied it, or lost a table. */
  async function lostOf<Unchanged extends { item: string }>({
    items,
    family,
  }: {
    items: readonly Unchanged[];
    family: string;
  }): Promise<Unchanged[]> {
    const found = await Promise.all(
      items.map(({ item }) => throughOutage({ timing, work: () => results.get({ family, item }) })),
    );
    return items.filter((_, index) => found[index] === null);
  }

  /** The item with the reviews a model is shown, or with none where it has too few. */
  async function dueItem({
    item,
    rows,
    reviews,
    batch,
    clean,
    before,
  }: Found & {
    batch: BatchSpec;
    clean: ReadReviews['clean'];
  }): Promise<DueItem> {
    const { charactersPerReview, ...counts } = batch.select;
    const cleaned = await clean(rows);
    const read = cleaned.flatMap(({ row }) => (row ? [itemReview({ row, missing: batch.missing })] : []));
    const once = onceEach(read);
    const usable = once.filter((review) => isRatedOfFive(review) && !readsLikeInjection(review.text));
    const chosen = usable.length < batch.minimumReviews ? [] : chooseReviews({ reviews: usable, counts });
    const snippets = snippetsOf({ reviews: chosen, characters: charactersPerReview });
    return { item, reviews, all: rows.length - (read.length - once.length), snippets, before };
  }

  return {
    /**
     * Finds the items that a run must look at, and lays them down in chunks of about equal size: what is new since the
     * watermark, what another release must answer now, what is about to expire, what the cache has lost. Reads the source
     * once.
     */
    async stageBatch({ specification: ref, run }: { specification: ArtifactRef; run: string }): Promise<StagedBatch> {
      const { spec, batch, family } = await batchOf({ store, ref });
      const { model } = spec;
      const written = await router.read({ model });
      const nothing = { stage: null, chunks: 0, due: 0, unchanged: 0 };
      if (written === null) return { ...nothing, reason: `no release of ${model} serves yet` };
      const plan = effectivePlan({ plan: written, now: clock.now() });
      const watermark = await readWatermark({ store, model });
      const rules = { plan, now: run, ttlMilliseconds: milliseconds(batch.ttl) };
      return await asBatchProblems(() =>
        withScratch(async (folder) => {
          const read = await readReviews({
            ...{ plan: reviewsPlan({ spec, batch, pseudonyms }), batch, folder, sources, store, pulse },
          });
          const all = createLineWriter({ path: join(folder, 'due.jsonl') });
          const lay = async (found: Found): Promise<void> =>
            void (await all.write(JSON.stringify(await dueItem({ ...found, batch, clean: read.clean }))));
          let unchanged = 0;
          let toLookUp: Found[] = [];
          const lookUp = async (): Promise<void> => {
            const lost = await lostOf({ items: toLookUp, family });
            unchanged += toLookUp.length - lost.length;
            toLookUp = [];
            for (const found of lost) await lay(found);
          };
          for await (const { item, rows, domain } of read.items) {
            if (batch.domain !== null && (domain === null || !batch.domain.values.includes(domain))) continue;
            pulse({ step: 'selecting', rows: all.lines });
            const before = watermark.items.get(item) ?? null;
            const reviews = reviewsDigest({ rows: rows.map(rowContent), batch });
            const found: Found = { item, rows, reviews, before };
            if (whyDue({ ...rules, seen: before, reviews, item }) !== null) await lay(found);
            else if (before?.state !== 'summarised') unchanged += 1;
            else if (toLookUp.push(found) === lookedUpAtOnce) await lookUp();
          }
          await lookUp();
          const { path } = await all.close();
          const due = all.lines;
          const unread = read.unreadable() > 0 ? `; ${read.unreadable()} rows could not be read` : '';
          if (due === 0) return { ...nothing, unchanged, reason: `no item has changed${unread}` };
          const wanted = chunksAtOnce * Math.ceil(due / batch.itemsPerChunk / chunksAtOnce);
          const chunks = await cut({ path, due, chunks: Math.min(due, wanted), model, run, folder });
          const body = Buffer.from(canonicalJson({ run, chunks }));
          const stage = await store.put({ key: storeKeys.batchRun({ model, run, file: 'stage.json' }), body });
          return { stage, chunks: chunks.length, due, unchanged, reason: `${due} items to look at${unread}` };
        }),
      );
    },
  };

  async function cut({
    path,
    due,
    chunks,
    model,
    run,
    folder,
  }: {
    path: string;
    due: number;
    chunks: number;
    model: string;
    run: string;
    folder: string;
  }): Promise<ArtifactRef[]> {
    const refs: ArtifactRef[] = [];
    const open = () => createLineWriter({ path: join(folder, chunkFile(refs.length)) });
    let writer = open();
    const close = async (): Promise<void> => {
      const file = await writer.close();
      refs.push(
        await store.putFile({ key: storeKeys.batchRun({ model, run, file: chunkFile(refs.length) }), path: file.path }),
      );
    };
    let line = 0;
    for await (const text of readLines(path)) {
      if (line >= Math.round(((refs.length + 1) * due) / chunks)) {
        await close();
        writer = open();
      }
      await writer.write(text);
      line += 1;
    }
    await close();
    return refs;
  }
}
