import type { ScoredChunk } from './chunk.js';

/** How soon a lower rank stops counting; the value of the method's authors. */
const constant = 60;

/**
 * Reciprocal rank fusion: a chunk's score is the sum of 1 / (60 + rank) over the lists that hold it (Cormack, Clarke and
 * Büttcher 2009, section 2). Ranks count, scores don't, so that cosines and BM25 need no common scale.
 */
export function fuseByRank(lists: readonly (readonly ScoredChunk[])[]): ScoredChunk[] {
  const fused = new Map<string, ScoredChunk>();
  for (const list of lists)
    for (const [index, { chunk }] of list.entries()) {
      const before = fused.get(chunk.id)?.score ?? 0;
      fused.set(chunk.id, { chunk, score: before + 1 / (constant + index + 1) });
    }
  return bestFirst([...fused.values()]);
}

/** Best first; among equals by id, so that the same scores always give the same order. */
export const bestFirst = (chunks: readonly ScoredChunk[]): ScoredChunk[] =>
  [...chunks].sort((one, other) => other.score - one.score || (one.chunk.id < other.chunk.id ? -1 : 1));
