import type { ScoredChunk } from '../../domain/retrieval/chunk.js';
import { readRelevance, relevancePrompt, rerank } from '../../domain/retrieval/rerank.js';
import { searchedText } from '../../domain/retrieval/terms.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import { PortError } from '../ports.js';
import type { RetrievalHelpers } from './retrieval-helpers.js';

/**
 * The best chunks in the order of a judge or cross-encoder; what was not scored follows in the order it had.
 * @throws PortError of whom it asks, and `InvalidInput` where there is nobody to ask
 */
export async function rankAgain({
  question,
  ranked,
  settings,
  helpers: { ask, reranker },
  signal,
}: {
  question: string;
  ranked: readonly ScoredChunk[];
  settings: RetrievalSpec;
  helpers: RetrievalHelpers;
  signal: AbortSignal;
}): Promise<ScoredChunk[]> {
  const { rerank: by, rerankAmong, crossEncoder } = settings;
  const best = ranked.slice(0, rerankAmong);
  if (best.length === 0) return [...ranked];
  if (by === 'crossEncoder') {
    if (!reranker || !crossEncoder) throw nobody('cross-encoder');
    const texts = best.map(({ chunk }) => searchedText(chunk));
    return rerank({ ranked, scores: await reranker.score({ ...crossEncoder, question, texts, signal }) });
  }
  if (!ask) throw nobody('judge');
  const scores = await Promise.all(
    best.map(async ({ chunk }) => readRelevance(await ask(relevancePrompt({ question, text: chunk.text }), signal))),
  );
  return rerank({ ranked, scores });
}

const nobody = (whom: string): PortError =>
  new PortError('InvalidInput', `retrieval.rerank asks a ${whom}, and this process has none`);
