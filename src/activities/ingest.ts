import { join } from 'node:path';
import { z } from 'zod';
import type { IngestedDate, StagedDate } from '../contracts/ingest.js';
import { storeKeys } from '../contracts/store-keys.js';
import { type ArtifactRef, artifactRefSchema, refKey } from '../domain/artifact-ref.js';
import { settingsDigest } from '../domain/dataset/manifest.js';
import { planDataset } from '../domain/dataset/plan.js';
import { dayWindow } from '../domain/dataset/time-window.js';
import { digestOf } from '../domain/release/evidence.js';
import type { Specification } from '../domain/spec/specification.js';
import { asPortErrors, type BuildContext, openRecords, publishCleaned } from './dataset-build.js';
import { systemClock, type Clock } from './clock.js';
import { cleanToSpill } from './dataset-clean.js';
import { createLineWriter, type LineWriter, readLines } from './dataset-files.js';
import { withScratch } from './dataset-scratch.js';
import type { RawItem } from './dataset-source.js';
import { activityPulse as pulse } from './datasets.js';
import { removeOldLiveTexts } from './live-text-retention.js';
import type { Ports } from './ports.js';
import { loadSpecification } from './specifications.js';
import { loadJson } from './stored-json.js';

/** Rows that one activity cleans; a worker that dies costs no more than these. */
const rowsPerChunk = 20_000;

const stageSchema = z.object({
  chunks: z.array(artifactRefSchema),
  found: z.object({ read: z.number(), columns: z.array(z.string()), outside: z.number() }),
  source: z.object({ sha256: z.string(), bytes: z.number() }),
});

async function* rawItems(path: string): AsyncGenerator<RawItem> {
  for await (const line of readLines(path)) yield JSON.parse(line) as RawItem;
}

export interface DateInput {
  specification: ArtifactRef;
  date: string;
}

/** New data of one logical date: laid down in chunks, cleaned chunk by chunk, published as one version. */
export function createIngestActivities({
  store,
  sources,
  codeCommit,
  pseudonyms,
  tokenizers,
  openEmbedder = null,
  clock = systemClock,
}: Pick<Ports, 'store' | 'sources' | 'openEmbedder'> &
  Pick<BuildContext, 'codeCommit' | 'pseudonyms' | 'tokenizers'> & { clock?: Clock }) {
  const stageKey = ({ specification, date, file }: { specification: Specification; date: string; file: string }) =>
    storeKeys.ingestStage({ name: specification.spec.model, date, file });

  /** Where the cleaned rows of a chunk stand: settled by its bytes and the settings, so that a retry finds them. */
  function cleanedKey({
    specification,
    date,
    chunk,
  }: {
    specification: Specification;
    date: string;
    chunk: ArtifactRef;
  }) {
    const { data } = specification.spec;
    const settings = settingsDigest({ data, prompt: specification.prompt, pseudonyms });
    const digest = digestOf({ chunk: chunk.sha256, settings });
    return stageKey({ specification, date, file: `cleaned-${digest}.jsonl` });
  }

  return {
    /** Reads the rows of a date from the source into the store, in chunks. */
    async stageIngest({ specification: ref, date }: DateInput): Promise<StagedDate> {
      const specification = await loadSpecification({ store, ref });
      return await asPortErrors(() =>
        withScratch(async (folder) => {
          const plan = planDataset({ data: specification.spec.data, pseudonyms });
          const window = dayWindow(date);
          const { records, found, measured } = await openRecords({ plan, window, folder, sources, store, pulse });
          const chunks: ArtifactRef[] = [];
          let writer: LineWriter | null = null;
          const endChunk = async (): Promise<void> => {
            if (writer === null) return;
            const { path } = await writer.close();
            const file = `raw-${String(chunks.length + 1).padStart(5, '0')}.jsonl`;
            chunks.push(await store.putFile({ key: stageKey({ specification, date, file }), path }));
            writer = null;
            pulse({ step: 'staging', read: found.read });
          };
          for await (const item of records) {
            writer ??= createLineWriter({ path: join(folder, `raw-${chunks.length}.jsonl`) });
            await writer.write(JSON.stringify(item));
            if (writer.lines >= rowsPerChunk) await endChunk();
          }
          await endChunk();
          const stage = { chunks, found, source: await measured() };
          const key = stageKey({ specification, date, file: 'stage.json' });
          const written = await store.put({ key, body: Buffer.from(JSON.stringify(stage)) });
          return { stage: written, chunks: chunks.length, read: found.read };
        }),
      );
    },

    /** Cleans one chunk; a chunk that is cleaned already is left alone. */
    async cleanIngestChunk({
      specification: ref,
      date,
      stage,
      chunk,
    }: DateInput & { stage: ArtifactRef; chunk: number }): Promise<void> {
      const specification = await loadSpecification({ store, ref });
      const { chunks } = await loadJson({ store, ref: stage, schema: stageSchema });
      const raw = chunks[chunk]!;
      const key = cleanedKey({ specification, date, chunk: raw });
      if ((await store.get({ key })) !== null) return;
      await withScratch(async (folder) => {
        const writer = createLineWriter({ path: join(folder, 'cleaned.jsonl') });
        const records = rawItems(await store.localPath({ key: refKey(raw) }));
        await cleanToSpill({
          records,
          plan: planDataset({ data: specification.spec.data, pseudonyms }),
          writer,
          // Chunks are cleaned side by side already.
          threads: false,
          pulse,
        });
        const { path } = await writer.close();
        await store.putFile({ key, path });
      });
    },

    /** Publishes the cleaned chunks of a date as a version of the data set; the same rows are the same version. */
    async publishIngest({
      specification: ref,
      date,
      stage,
    }: DateInput & { stage: ArtifactRef }): Promise<IngestedDate> {
      const specification = await loadSpecification({ store, ref });
      const { chunks, found, source } = await loadJson({ store, ref: stage, schema: stageSchema });
      if (found.read === 0) return { date, digest: null, read: 0, published: 0 };
      const spills: string[] = [];
      for (const chunk of chunks)
        spills.push(await store.localPath({ key: cleanedKey({ specification, date, chunk }) }));
      const { manifest } = await asPortErrors(() =>
        withScratch((folder) =>
          publishCleaned({
            ...{
              specification,
              window: dayWindow(date),
              plan: planDataset({ data: specification.spec.data, pseudonyms }),
              folder,
            },
            ...{ cleaned: { spills, found, source }, store, codeCommit, tokenizers, openEmbedder, pulse },
          }),
        ),
      );
      const { read, published } = manifest.counts;
      const ingested: IngestedDate = { date, digest: manifest.digest, read, published };
      const key = storeKeys.ingested({ name: specification.spec.model, date });
      await store.put({ key, body: Buffer.from(`${JSON.stringify(ingested)}\n`) });
      return ingested;
    },

    /**
     * Removes what was laid down of a date: raw rows hold personal data and must not stay. Live texts that are kept no
     * longer go with them: where no gateway runs, nobody else removes them.
     */
    async clearIngest({ specification: ref, date }: DateInput): Promise<void> {
      const specification = await loadSpecification({ store, ref });
      const keys: string[] = [];
      for await (const { key } of store.list({ prefix: stageKey({ specification, date, file: '' }) })) keys.push(key);
      for (const key of keys) await store.remove({ key });
      const { model, gateway } = specification.spec;
      const { retention } = gateway.requestLog;
      await removeOldLiveTexts({ store, model, retention, now: Date.parse(clock.now()) });
    },
  };
}
