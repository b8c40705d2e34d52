import { wordGrams, wordsOf } from '../../../../src/domain/dataset/words.js';
import { seededRandom } from '../../../../src/domain/statistics/random.js';

export interface Row {
  text: string;
  helpfulness: number;
}

const shinglesOf = (text: string): Set<string> => {
  const words = wordsOf(text);
  return words.length < 3 ? new Set(words.length === 0 ? [] : [words.join(' ')]) : wordGrams({ text, size: 3 });
};

/** Exact Jaccard similarity of the word 3-shingles of two texts, from strings, without a hash. */
export function exactJaccard(one: string, other: string): number {
  const [ones, others] = [shinglesOf(one), shinglesOf(other)];
  const shared = [...ones].filter((shingle) => others.has(shingle)).length;
  const all = ones.size + others.size - shared;
  return all === 0 ? 0 : shared / all;
}

/** All pairs of rows with a similarity of at least `threshold`: every row against every other. */
export function similarPairs({ rows, threshold }: { rows: readonly Row[]; threshold: number }): [number, number][] {
  const sets = rows.map(({ text }) => shinglesOf(text));
  const pairs: [number, number][] = [];
  sets.forEach((one, first) => {
    for (let second = first + 1; second < sets.length; second += 1) {
      const other = sets[second]!;
      const [less, more] = one.size < other.size ? [one, other] : [other, one];
      if (less.size < threshold * more.size) continue;
      let shared = 0;
      for (const shingle of less) if (more.has(shingle)) shared += 1;
      const all = one.size + other.size - shared;
      if (all > 0 && shared / all >= threshold) pairs.push([first, second]);
    }
  });
  return pairs;
}

/**
 * Reviews as people copy them: a third are others with some words changed, taken away or added, from one word to a
 * quarter of the text, so that many pairs lie right around the threshold.
 */
export function copiedReviews({ seed, rows, words }: { seed: number; rows: number; words: [number, number] }): Row[] {
  const random = seededRandom(seed);
  const word = (): string => `w${Math.floor(random.uniform() ** 2 * 3000).toString(36)}`;
  const fresh = (): string[] => Array.from({ length: words[0] + random.index(words[1] - words[0] + 1) }, word);
  const changed = (text: readonly string[]): string[] => {
    const copy = [...text];
    const edits = 1 + random.index(Math.max(1, Math.floor(copy.length / 10)));
    for (let edit = 0; edit < edits; edit += 1) {
      const kind = random.index(3);
      copy.splice(random.index(copy.length), kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [word()]));
    }
    return copy;
  };
  const texts: string[][] = [];
  for (let row = 0; row < rows; row += 1)
    texts.push(row > 0 && random.uniform() < 0.33 ? changed(texts[random.index(row)]!) : fresh());
  return texts.map((text) => ({ text: text.join(' '), helpfulness: random.index(20) }));
}
