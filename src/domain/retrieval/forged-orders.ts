import { readsLikeInjection } from '../guardrails/injection-patterns.js';
import type { Chunk } from './chunk.js';

/** Longer than any wording of an order that is known. */
const orderCharacters = 200;

/**
 * Whether a text of a document reads like an order. A heading is no disguise in a document, "## Instructions" stands in
 * many; one that ends in a colon is how prompts mark who speaks, and stays under suspicion.
 */
const readsLikeOrder = (text: string): boolean =>
  readsLikeInjection(
    text
      .split('\n')
      .map((line) => (line.trimEnd().endsWith(':') ? line : line.replace(/^\s*#+/, '')))
      .join('\n'),
  );

/**
 * The chunks of one document, in order, that read like an order to the model: by their text, by the headings above them,
 * which stand in the prompt too, or by what the cut between two of them has parted.
 */
export function forgedOrders({ text, chunks }: { text: string; chunks: readonly Chunk[] }): Set<Chunk> {
  const own = new Set(chunks.filter(({ text: piece, headings }) => [piece, ...headings].some(readsLikeOrder)));
  const forged = new Set(own);
  for (const [index, next] of chunks.entries()) {
    const before = chunks[index - 1];
    if (!before || own.has(before) || own.has(next)) continue;
    const from = Math.max(before.start, before.end - orderCharacters);
    const to = Math.min(next.end, next.start + orderCharacters);
    if (!readsLikeOrder(text.slice(from, to))) continue;
    forged.add(before);
    forged.add(next);
  }
  return forged;
}
