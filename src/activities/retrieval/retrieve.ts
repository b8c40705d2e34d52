import type { ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import { bestAtTheEnds, contextText, withinBudget } from '../../domain/retrieval/context.js';
import { diversify, withoutNearDuplicates } from '../../domain/retrieval/diversity.js';
import { expansionPrompt, readRewrites } from '../../domain/retrieval/expansion.js';
import { fuseByRank } from '../../domain/retrieval/fusion.js';
import { readRelevance, relevancePrompt, rerank } from '../../domain/retrieval/rerank.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { Embedder } from '../embedder-port.js';
import { PortError } from '../ports.js';
import type { ChunkReader } from '../vector-store-port.js';

/** One step and what it left, for whoever wants to know why a chunk was found. */
export interface RetrievalStep {
  step: string;
  chunks: { id: string; document: string; score: number }[];
}

export interface Retrieved {
  /** What the answer may rest on, best first. */
  found: ScoredChunk[];
  /** The numbered snippets as they stand in the prompt. */
  context: string;
  steps: RetrievalStep[];
}

/** Asks a model one thing; only rewrites and reranking need one. */
export type AskModel = (prompt: string) => Promise<string>;

export interface RetrievalRequest {
  question: string;
  /** A version of the index, or its name for the version in use. */
  collection: string;
  settings: RetrievalSpec;
  filter?: ChunkFilter;
  embedder: Embedder;
  chunks: ChunkReader;
  ask?: AskModel;
  signal?: AbortSignal;
}

/**
 * Finds what a question can be answered from: neighbours and words of the question and its rewrites, fused, reranked,
 * without near-duplicates, spread, and cut to what the prompt has room for. The same for evaluation, gateway and command.
 * @throws PortError of the store or embedder, and `InvalidInput` where the index was made by another embedder
 */
export async function retrieve(request: RetrievalRequest): Promise<Retrieved> {
  const { question, settings, collection, chunks, embedder, ask } = request;
  await requireEmbedder({ collection, chunks, embedder });
  const steps: RetrievalStep[] = [];
  const note = (step: string, ranked: ScoredChunk[]): ScoredChunk[] => {
    steps.push({
      step,
      chunks: ranked.map(({ chunk: { id, document }, score }) => ({ id, document, score })),
    });
    return ranked;
  };
  const questions = [question, ...(await rewritesOf({ question, settings, ask }))];
  const { lists, closest } = await candidatesOf({ request, questions, note });
  if (settings.minimumScore !== null && closest !== null && closest < settings.minimumScore)
    return { found: [], context: '', steps: [...steps, { step: 'minimum score', chunks: [] }] };
  let ranked = lists.length === 1 ? lists[0]! : note('fused by rank', fuseByRank(lists));
  if (settings.rerank === 'judge' && ask) ranked = note('reranked', await reranked({ question, ranked, ask }));
  const { nearDuplicates, diversity, topK } = settings;
  if (nearDuplicates !== null)
    ranked = note('without near-duplicates', withoutNearDuplicates({ ranked, above: nearDuplicates }));
  if (diversity !== null) ranked = note('spread', diversify({ ranked, lambda: diversity, limit: topK }));
  const found = note('kept', withinBudget({ ranked: ranked.slice(0, topK), tokens: settings.contextTokens }));
  const shown = settings.order === 'best at the ends' ? bestAtTheEnds(found) : found;
  return { found, context: contextText(shown), steps };
}

async function candidatesOf(input: {
  request: RetrievalRequest;
  questions: readonly string[];
  note: (step: string, ranked: ScoredChunk[]) => ScoredChunk[];
}): Promise<{ lists: ScoredChunk[][]; closest: number | null }> {
  const { request, questions, note } = input;
  const { settings, collection, chunks, embedder, filter = [], signal } = request;
  const { mode, candidates: limit } = settings;
  const common = { collection, limit, filter, ...(signal ? { signal } : {}) };
  const vectors = mode === 'keyword' ? [] : await embedder.embed({ texts: questions, ...(signal ? { signal } : {}) });
  const near = await Promise.all(vectors.map((vector) => chunks.nearest({ ...common, vector })));
  const matching =
    mode === 'dense' ? [] : await Promise.all(questions.map((query) => chunks.matching({ ...common, query })));
  const lists = [
    ...near.map((list, index) => note(`neighbours of "${questions[index]!}"`, list)),
    ...matching.map((list, index) => note(`words of "${questions[index]!}"`, list)),
  ];
  const scores = near.flatMap((list) => list[0]?.score ?? []);
  return { lists, closest: scores.length === 0 ? null : Math.max(...scores) };
}

async function rewritesOf(input: { question: string; settings: RetrievalSpec; ask: AskModel | undefined }) {
  const { question, settings, ask } = input;
  const count = settings.rewrites;
  if (count === 0 || !ask) return [];
  return readRewrites({ reply: await ask(expansionPrompt({ question, count })), question, count });
}

async function reranked(input: { question: string; ranked: ScoredChunk[]; ask: AskModel }): Promise<ScoredChunk[]> {
  const { question, ranked, ask } = input;
  const scores = await Promise.all(
    ranked.map(async ({ chunk: { text } }) => readRelevance(await ask(relevancePrompt({ question, text })))),
  );
  return rerank({ ranked, scores });
}

/** Vectors of another model are numbers without meaning: refused before the first question. */
async function requireEmbedder(input: { collection: string; chunks: ChunkReader; embedder: Embedder }): Promise<void> {
  const { collection, chunks, embedder } = input;
  const shape = await chunks.describe({ collection });
  if (!shape) throw new PortError('NotFound', `no index ${collection}; run understudy index`);
  if (shape.embedder === embedder.id && shape.dimension === embedder.dimension) return;
  throw new PortError(
    'InvalidInput',
    `index ${collection} was made with ${shape.embedder} (${shape.dimension} numbers), questions are embedded with ${embedder.id} (${embedder.dimension}); index again or set that embedder`,
  );
}
