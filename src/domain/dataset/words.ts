const word = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;
const scriptsWithoutBlanks = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const unspaced = `[${scriptsWithoutBlanks.map((script) => `\\p{Script_Extensions=${script}}`).join('')}]`;
const spacedPart = `(?:(?!${unspaced})[\\p{L}\\p{N}])+`;
const unspacedLetter = new RegExp(`(?=[\\p{L}\\p{N}])${unspaced}`, 'u');
const mixedWord = new RegExp(`${unspacedLetter.source}|${spacedPart}(?:['’]${spacedPart})*`, 'gu');

/**
 * Whether a text has letters of a script that puts no blanks between words, such as Japanese or Thai. Each of them
 * counts as a word: a whole sentence as one word would share nothing with another.
 */
export const hasUnspacedLetters = (text: string): boolean => unspacedLetter.test(text);

/** `wordsOf` a text, and its runs: what stands between blanks and punctuation, in most scripts the same. */
export function readWords(text: string): { words: string[]; runs: string[] } {
  const plain = text.normalize('NFKC').toLowerCase();
  const runs = plain.match(word) ?? [];
  return { words: hasUnspacedLetters(plain) ? (plain.match(mixedWord) ?? []) : runs, runs };
}

/** Words of a text in lower case, compatibility forms made equal; punctuation is no word. */
export const wordsOf = (text: string): string[] => readWords(text).words;

/** Runs of `size` words, each once; a text with fewer words has none. */
export function wordGrams({ text, size }: { text: string; size: number }): Set<string> {
  const words = wordsOf(text);
  const grams = new Set<string>();
  for (let start = 0; start + size <= words.length; start += 1) {
    grams.add(words.slice(start, start + size).join(' '));
  }
  return grams;
}
