import type { ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { Embedder } from '../embedder-port.js';
import { PortError } from '../ports.js';
import type { ChunkReader } from '../vector-store-port.js';

/** A list of what one way of looking found for one question, best first. */
export interface CandidateList {
  step: string;
  ranked: ScoredChunk[];
}

export interface Candidates {
  lists: CandidateList[];
  /** Cosine of the nearest of all; null where nothing was compared by it. */
  closest: number | null;
}

interface Asked {
  collection: string;
  settings: RetrievalSpec;
  embedder: Embedder;
  chunks: ChunkReader;
  filter: ChunkFilter;
  signal?: AbortSignal | undefined;
}

/** Looks for questions by their meaning, by their words, or both; or lets a store look that does so by itself. */
export async function candidatesOf({
  questions,
  vectors,
  ...asked
}: Asked & { questions: readonly string[]; vectors: readonly Float32Array[] }): Promise<Candidates> {
  const { settings, collection, chunks, filter, signal } = asked;
  const { mode, candidates: limit } = settings;
  const common = { collection, limit, filter, ...(signal ? { signal } : {}) };
  if (chunks.search) {
    const found = await Promise.all(questions.map((question) => chunks.search!({ ...common, question })));
    return { lists: found.map((ranked, at) => ({ step: `found for "${questions[at]!}"`, ranked })), closest: null };
  }
  const [near, matching] = await Promise.all([
    Promise.all(vectors.map((vector) => chunks.nearest({ ...common, vector }))),
    mode === 'dense' ? [] : Promise.all(questions.map((query) => chunks.matching({ ...common, query }))),
  ]);
  const scores = near.flatMap((list) => list[0]?.score ?? []);
  return {
    lists: [
      ...near.map((ranked, at) => ({ step: `neighbours of "${questions[at]!}"`, ranked })),
      ...matching.map((ranked, at) => ({ step: `words of "${questions[at]!}"`, ranked })),
    ],
    closest: scores.length === 0 ? null : Math.max(...scores),
  };
}

/** The vectors of questions; none where only words count, or the store embeds by itself. */
export const questionVectors = async ({
  questions,
  settings: { mode },
  embedder,
  chunks,
  signal,
}: Omit<Asked, 'collection' | 'filter'> & { questions: readonly string[] }): Promise<Float32Array[]> =>
  mode === 'keyword' || chunks.search ? [] : await embedder.embed({ texts: questions, ...(signal ? { signal } : {}) });

/**
 * The version behind a name. Vectors of another model are numbers without meaning: refused before the first question.
 * @throws PortError `NotFound` for no such index, `InvalidInput` for one that another embedder made
 */
export async function requireIndex({
  collection,
  chunks,
  embedder,
}: Pick<Asked, 'collection' | 'chunks' | 'embedder'>): Promise<string> {
  const shape = await chunks.describe({ collection });
  if (!shape) throw new PortError('NotFound', `no index ${collection}; run understudy index`);
  const fits = shape.embedder === embedder.id && shape.dimension === embedder.dimension;
  if (fits || chunks.search) return shape.collection;
  throw new PortError(
    'InvalidInput',
    `index ${collection} was made with ${shape.embedder} (${shape.dimension} numbers), questions are embedded with ${embedder.id} (${embedder.dimension}); index again or set that embedder`,
  );
}
