const word = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

/** Words of a text in lower case, compatibility forms made equal; punctuation is no word. */
export const wordsOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().match(word) ?? [];

/** Runs of `size` words, each once; a text with fewer words has none. */
export function wordGrams({ text, size }: { text: string; size: number }): Set<string> {
  const words = wordsOf(text);
  const grams = new Set<string>();
  for (let start = 0; start + size <= words.length; start += 1) {
    grams.add(words.slice(start, start + size).join(' '));
  }
  return grams;
}
