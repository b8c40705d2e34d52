import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import type { IndexManifest, IndexPlan } from '../../domain/retrieval/index-plan.js';
import { chunkSpecSchema } from '../../domain/spec/retrieval-spec.js';
import type { Ports } from '../ports.js';
import { readJson } from '../stored-json.js';
import type { VectorStore } from '../vector-store-port.js';

const entry = z.object({ digest: z.string(), chunks: z.number() });
const shape = z.object({
  embedder: z.string(),
  dimension: z.number(),
  chunk: chunkSpecSchema,
  fields: z.record(z.string(), z.enum(['keyword', 'number', 'boolean'])),
});
const deadLetter = z.object({ document: z.string(), reason: z.string() });

export const manifestSchema: z.ZodType<IndexManifest> = z.object({
  version: z.string(),
  shape,
  documents: z.record(z.string(), entry),
  deadLetters: z.array(deadLetter),
});

export const planSchema: z.ZodType<IndexPlan> = z.object({
  version: z.string(),
  shape,
  from: z.string().nullable(),
  kept: z.record(z.string(), entry),
  changed: z.array(z.object({ id: z.string(), digest: z.string() })),
  removed: z.array(z.string()),
  // Absent in plans of 0.1.0, as the position.
  lost: z.array(z.string()).default([]),
  position: z.string().nullable().default(null),
});

/** What came of one batch of documents. */
export const batchSchema = z.object({ documents: z.record(z.string(), entry), deadLetters: z.array(deadLetter) });
export type IndexBatch = z.infer<typeof batchSchema>;

/** Which plan the collection of a version was laid out by; absent in what 0.1.0 laid out. */
export const stagedSchema = z.object({ plan: z.string().nullable().default(null) });

/** Whether a version has a collection of its own: its name may lead to another's where that one was lost. */
export async function isStanding({
  chunks,
  version,
}: {
  chunks: Pick<VectorStore, 'describe'>;
  version: string;
}): Promise<boolean> {
  return (await chunks.describe({ collection: version }))?.collection === version;
}

/** The manifest of the version in use; null where nothing is, or its manifest is gone: then all is built anew. */
export async function currentManifest({
  store,
  chunks,
  index,
}: Pick<Ports, 'store'> & { chunks: VectorStore; index: string }): Promise<IndexManifest | null> {
  const version = (await chunks.aliases())[index];
  if (version === undefined || !(await isStanding({ chunks, version }))) return null;
  const key = storeKeys.index({ index, version, file: 'manifest.json' });
  return await readJson({ store, key, schema: manifestSchema });
}
