import { plainWords } from '../evaluation/words.js';

/** The words of a text, each once. */
export const wordSet = (text: string): Set<string> => new Set(plainWords(text));

/** The share of all words of two sets that both have, 0..1 (Jaccard). */
export function sharedShare(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const [smaller, larger] = one.size <= other.size ? [one, other] : [other, one];
  let shared = 0;
  for (const word of smaller) if (larger.has(word)) shared += 1;
  const all = one.size + other.size - shared;
  return all === 0 ? 0 : shared / all;
}
