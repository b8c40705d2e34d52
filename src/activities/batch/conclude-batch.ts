import { isDeepStrictEqual } from 'node:util';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { parseJson } from '../../domain/parse-json.js';
import type { SeenItem } from '../../domain/summaries/seen-item.js';
import { milliseconds } from '../../domain/spec/quantities.js';
import { activityPulse as pulse } from '../datasets.js';
import type { ArtifactStore } from '../ports.js';
import type { ResultCache } from '../result-cache-port.js';
import { jsonLines, loadJson } from '../stored-json.js';
import { batchOf } from './batch-of.js';
import { type ChunkResult, chunkResultSchema, resultFile, stageSchema } from './stage-file.js';
import { moveWatermark } from './watermark.js';

export function createConcludeBatchActivities({ store, results }: { store: ArtifactStore; results: ResultCache }) {
  async function removeAll({ prefix, before }: { prefix: string; before?: string }): Promise<void> {
    const keys: string[] = [];
    for await (const { key, modifiedAt } of store.list({ prefix }))
      if (before === undefined || modifiedAt < before) keys.push(key);
    for (const key of keys) {
      await store.remove({ key });
      pulse({ step: 'clearing' });
    }
  }

  return {
    /**
     * Ends a run: its dead letters are written, then the watermark moves by the items of the chunks that are done, which
     * are in the cache already. Items that another run has moved meanwhile stay as that run left them, and are looked at
     * again. Summaries that have expired are removed, and answers and dead letters as old as these.
     */
    async concludeBatch({ specification, stage }: { specification: ArtifactRef; stage: ArtifactRef }): Promise<{
      moved: number;
      expired: number;
    }> {
      const { spec, batch, family } = await batchOf({ store, ref: specification });
      const { model } = spec;
      const { run, chunks } = await loadJson({ store, ref: stage, schema: stageSchema });
      const done: ChunkResult[] = [];
      for (const chunk of chunks.keys()) {
        const stored = await store.get({ key: storeKeys.batchRun({ model, run, file: resultFile(chunk) }) });
        if (stored) done.push(chunkResultSchema.parse(parseJson(Buffer.from(stored.body).toString('utf8'))));
        pulse({ step: 'collecting' });
      }
      const letters = done.flatMap((result) => result.letters);
      if (letters.length > 0)
        await store.put({ key: storeKeys.batchLetters({ model, run }), body: jsonLines(letters) });
      let moved = 0;
      let expired: SeenItem[] = [];
      await moveWatermark({
        store,
        model,
        run,
        change: (items) => {
          moved = 0;
          for (const { before, seen } of done.flatMap((result) => result.items)) {
            if (!isDeepStrictEqual(items.get(seen.item) ?? null, before)) continue;
            items.set(seen.item, seen);
            moved += 1;
          }
          expired = [...items.values()].filter(({ expiresAt }) => expiresAt <= run);
          for (const { item } of expired) items.delete(item);
        },
      });
      for (const { item } of expired) {
        const summary = await results.get({ family, item });
        if (summary === null || summary.model === model) await results.remove({ family, item });
      }
      const longAgo = new Date(Date.parse(run) - milliseconds(batch.ttl)).toISOString();
      await removeAll({ prefix: storeKeys.batchAnswers({ model }), before: longAgo });
      await removeAll({ prefix: storeKeys.allBatchLetters({ model }), before: longAgo });
      // Of runs that somebody has terminated: the others clear up themselves.
      await removeAll({ prefix: storeKeys.allBatchRuns({ model }), before: longAgo });
      return { moved, expired: expired.length };
    },

    /** Removes what a run laid down: the texts of reviews must not stay longer than they are needed. */
    async clearBatch({ specification, run }: { specification: ArtifactRef; run: string }): Promise<void> {
      const { spec } = await batchOf({ store, ref: specification });
      await removeAll({ prefix: storeKeys.batchRun({ model: spec.model, run, file: '' }) });
    },
  };
}
