import type { ScoredChunk } from './chunk.js';
import { sharedShare, wordSet } from './word-similarity.js';

/**
 * Maximal marginal relevance: takes the chunk with the most `lambda` x relevance - (1 - `lambda`) x likeness to what is
 * taken already, again and again (Carbonell and Goldstein 1998, section 2). Relevance is the score scaled to 0..1,
 * likeness the share of words in common. A `lambda` of 1 keeps the order.
 */
export function diversify({
  ranked,
  lambda,
  limit,
}: {
  ranked: readonly ScoredChunk[];
  lambda: number;
  limit: number;
}): ScoredChunk[] {
  const scores = ranked.map(({ score }) => score);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const rest = ranked.map((one) => ({
    one,
    relevance: high > low ? (one.score - low) / (high - low) : 1,
    words: wordSet(one.chunk.text),
    likeness: 0,
  }));
  const taken: ScoredChunk[] = [];
  while (taken.length < limit && rest.length > 0) {
    const worth = rest.map(({ relevance, likeness }) => lambda * relevance - (1 - lambda) * likeness);
    const best = worth.indexOf(Math.max(...worth));
    const [next] = rest.splice(best, 1);
    taken.push(next!.one);
    for (const other of rest) other.likeness = Math.max(other.likeness, sharedShare(other.words, next!.words));
  }
  return taken;
}

/** Leaves out what says nearly the same as a better one: `above` of their words in common, 0..1. */
export function withoutNearDuplicates({
  ranked,
  above,
}: {
  ranked: readonly ScoredChunk[];
  above: number;
}): ScoredChunk[] {
  const kept: { one: ScoredChunk; words: Set<string> }[] = [];
  for (const one of ranked) {
    const words = wordSet(one.chunk.text);
    if (kept.every((other) => sharedShare(other.words, words) < above)) kept.push({ one, words });
  }
  return kept.map(({ one }) => one);
}
