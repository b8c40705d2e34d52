import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createIndexActivities } from '../../../src/activities/retrieval/indexing.js';
import type { VectorStore } from '../../../src/activities/vector-store-port.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { Documents } from '../../../src/adapters/document-loaders/documents.js';
import { EmbeddedChunks } from '../../../src/adapters/embedded-chunks/embedded-chunks.js';
import type { IndexResult } from '../../../src/contracts/indexing.js';
import type { ArtifactRef } from '../../../src/domain/artifact-ref.js';
import type { GoldenCase } from '../../../src/domain/dataset/golden.js';
import { parseModelSpec, type ModelSpec } from '../../../src/domain/spec/model-spec.js';
import { letterEmbedder } from './letter-embedder.js';

export type IndexWorld = Awaited<ReturnType<typeof indexWorld>>;

/** A folder of documents, an index over it in files, and the steps that bring it up to date. */
export async function indexWorld({
  files = {},
  golden = [{ id: 'g0', input: 'hello' }],
  retrieval = {},
}: {
  files?: Record<string, string | Uint8Array>;
  golden?: readonly Partial<GoldenCase>[];
  retrieval?: Record<string, unknown>;
} = {}) {
  const root = await mkdtemp(join(tmpdir(), 'understudy-index-'));
  const store = new DirectoryStore({ root: join(root, 'store') });
  const chunks = new EmbeddedChunks({ root: join(root, 'indexes') });
  const letters = letterEmbedder();
  const folder = join(root, 'policies');
  await mkdir(folder);
  const write = async (name: string, text: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const source = { kind: 'folder', uri: folder };
  const { spec, problems } = parseModelSpec({
    ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'base' } },
    data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
    retrieval: { index: 'policies', source, chunk: { size: 80, overlap: 10 }, ...retrieval },
    evaluation: { preset: 'support-deterministic' },
  });
  if (!spec) throw new Error(JSON.stringify(problems));
  const rows = golden.map((one) => `${JSON.stringify({ reference: 'r', cluster: 'c', ...one })}\n`).join('');
  const goldenRef = await store.put({ key: 'golden/m/v1.jsonl', body: Buffer.from(rows) });
  const applied = async (changed: ModelSpec): Promise<ArtifactRef> =>
    await store.put({
      key: 'specs/m/1.json',
      body: Buffer.from(
        JSON.stringify({
          ...{ version: 1, spec: changed, prompt: { template: '{query}' }, promptDigest: 'p', overlays: [] },
          golden: { name: 'm', version: 'v1', ref: goldenRef },
        }),
      ),
    });
  const specification = await applied(spec);
  const stepsOver = (over: VectorStore) =>
    createIndexActivities({
      store,
      router: { read: async () => null },
      chunks: over,
      openEmbedder: letters.open,
      documents: new Documents(),
    });
  const steps = stepsOver(chunks);
  return {
    ...{ root, store, chunks, letters, folder, write, spec, specification, applied, steps, stepsOver },
    embedder: await letters.open(),
    /** Every step in order, as the workflow does them. */
    run: async (own = steps): Promise<IndexResult> => {
      const { version, plan, batches, kept } = await own.openIndex({ specification });
      const counts = { documents: kept, changed: 0, removed: 0, deadLetters: 0 };
      if (plan === null) return { version, switched: false, ...counts, check: null };
      const step = { specification, plan };
      await own.stageIndex(step);
      for (let batch = 0; batch < batches; batch += 1) await own.indexBatch({ ...step, batch });
      return await own.switchIndex({ ...step, check: await own.checkIndex(step) });
    },
    close: async () => {
      chunks.close();
      await rm(root, { recursive: true });
    },
  };
}
