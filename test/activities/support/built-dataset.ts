import { readFile } from 'node:fs/promises';
import type { BaseTokenizers } from '../../../src/activities/base-tokenizers-port.js';
import { type BuiltDataset, buildDataset } from '../../../src/activities/dataset-build.js';
import type { OpenEmbedder } from '../../../src/activities/embedder-port.js';
import type { PublishedDataset } from '../../../src/activities/dataset-publishing.js';
import type { VectorStore } from '../../../src/activities/vector-store-port.js';
import { ExternalSources } from '../../../src/adapters/data-sources/data-sources.js';
import type { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { createPseudonyms } from '../../../src/domain/dataset/pseudonyms.js';
import { defaultPrompt, type Prompt } from '../../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../../src/domain/spec/model-spec.js';

/** Builds a data set of support tickets for the model `m`, with one golden case; `data` names the source and settings. */
export async function builtDataset({
  store,
  data,
  question,
  tokenizers = { open: async () => null },
  openEmbedder = null,
  shown = null,
}: {
  store: DirectoryStore;
  data: Record<string, unknown>;
  question: string;
  tokenizers?: BaseTokenizers;
  openEmbedder?: OpenEmbedder | null;
  /** What the model is shown beside a question, and how; nothing where null. */
  shown?: { chunks: VectorStore; indexVersion: string; retrieval: Record<string, unknown>; prompt: Prompt } | null;
}): Promise<BuiltDataset> {
  const golden = JSON.stringify({ id: 'g1', input: question, reference: '31 euros.' });
  const ref = await store.put({ key: 'golden/m/v1.jsonl', body: Buffer.from(golden) });
  const spec = modelSpecSchema.parse({
    ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' } },
    data: { recipe: 'support-tickets', goldenSet: 'g.jsonl', ...data },
    evaluation: { preset: 'support-deterministic' },
    retrieval: shown && { index: 'policies', ...shown.retrieval },
  });
  const { prompt, chunks, indexVersion } = shown ?? { prompt: defaultPrompt, chunks: null, indexVersion: null };
  return await buildDataset({
    ...{ store, sources: new ExternalSources(), codeCommit: null, pulse: () => undefined, window: null },
    ...{ pseudonyms: createPseudonyms({ key: null }), tokenizers, openEmbedder, chunks, indexVersion },
    specification: {
      ...{ version: 1, spec, golden: { name: 'm', version: 'v1', ref } },
      ...{ prompt, promptDigest: 'p', overlays: [] },
    },
  });
}

/** The lines of a file of a published data set. */
export async function publishedLines({
  store,
  dataset: { refs },
  file,
}: {
  store: DirectoryStore;
  dataset: Pick<PublishedDataset, 'refs'>;
  file: string;
}): Promise<string[]> {
  const path = await store.localPath({ key: refs.get(file)!.uri.slice('store://'.length) });
  return (await readFile(path, 'utf8')).split('\n').filter(Boolean);
}
