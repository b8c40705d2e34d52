import { chunkDocument } from '../../domain/retrieval/chunkers/chunk-document.js';
import type { Chunk } from '../../domain/retrieval/chunk.js';
import { forgedOrders } from '../../domain/retrieval/forged-orders.js';
import { notRead, type DeadDocument, type IndexPlan } from '../../domain/retrieval/index-plan.js';
import { searchedText } from '../../domain/retrieval/terms.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { DocumentSource } from '../document-source-port.js';
import type { Embedder } from '../embedder-port.js';
import { heartbeat } from '../heartbeat.js';
import type { VectorStore } from '../vector-store-port.js';
import type { IndexBatch } from './index-manifest.js';

const chunksPerStep = 64;

/** Cuts, embeds and writes documents; what can't be indexed is told with its reason and holds up nothing. */
export async function indexDocuments({
  plan: { version, shape },
  changed,
  settings,
  documents: source,
  embedder,
  chunks: store,
  signal,
}: {
  plan: Pick<IndexPlan, 'version' | 'shape'>;
  changed: IndexPlan['changed'];
  settings: RetrievalSpec;
  documents: DocumentSource;
  embedder: Embedder;
  chunks: VectorStore;
  signal: AbortSignal;
}): Promise<IndexBatch> {
  const batch: IndexBatch = { documents: {}, deadLetters: [] };
  const ids = changed.map(({ id }) => id);
  const loaded = await source.load({ source: settings.source!, ids, fields: settings.fields });
  const embed = (texts: readonly string[]) => embedder.embed({ texts, signal });
  const all: Chunk[] = [];
  for (const [index, { id, digest }] of changed.entries()) {
    const document = loaded[index]!;
    if ('refused' in document) {
      batch.deadLetters.push({ document: id, reason: document.refused });
      batch.documents[id] = { digest: document.again ? notRead : digest, chunks: 0 };
      continue;
    }
    const cut = await chunkDocument({ document: { id, ...document }, plan: shape.chunk, embed });
    const { safe, deadLetters } = withoutOrders({ text: document.text, chunks: cut });
    if (cut.length === 0) deadLetters.push({ document: id, reason: 'it holds no text' });
    batch.deadLetters.push(...deadLetters);
    batch.documents[id] = { digest, chunks: safe.length };
    all.push(...safe);
  }
  // What an earlier attempt, or the version before, holds of these documents goes first.
  await store.removeDocuments({ collection: version, documents: ids });
  for (let start = 0; start < all.length; start += chunksPerStep) {
    const some = all.slice(start, start + chunksPerStep);
    const vectors = await embed(some.map(searchedText));
    const points = some.map((chunk, index) => ({ chunk, vector: vectors[index]! }));
    await store.upsert({ collection: version, points });
    heartbeat({ chunks: start + some.length, of: all.length });
  }
  return batch;
}

/** A document is data: a piece that reads like an order to the model is left out, and somebody is told. */
function withoutOrders(document: { text: string; chunks: readonly Chunk[] }): {
  safe: Chunk[];
  deadLetters: DeadDocument[];
} {
  const forged = forgedOrders(document);
  const deadLetters = [...forged].map(({ document: id, start, end }) => ({
    document: id,
    reason: `characters ${start} to ${end} read like an order to the model`,
  }));
  return { safe: document.chunks.filter((chunk) => !forged.has(chunk)), deadLetters };
}
