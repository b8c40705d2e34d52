import { countOf, sequences } from './sequences.js';

/** BLEU looks at runs of one to four words (Papineni et al. 2002). */
export const bleuOrders = [1, 2, 3, 4] as const;

const entities: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' };
/** ASCII signs that stand alone everywhere; full stop, comma and hyphen depend on the digits around them. */
const signs = /[{-~[-` -&(-+:-@/]/g;
/** Scripts without spaces between words: a character counts as a word, as in sacrebleu's Chinese tokeniser. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

/** Words as the mteval-v13a script cuts them, sacrebleu's default (Post 2018). Case counts. */
export function bleuWords(text: string): string[] {
  const plain = text
    .normalize('NFC')
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replace(/&(?:quot|amp|lt|gt);/g, (entity) => entities[entity]!)
    .replace(unspaced, ' $& ');
  return ` ${plain} `
    .replace(signs, ' $& ')
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
    .split(/\s+/)
    .filter(Boolean);
}

/** Counts of the word runs of a text, by order. */
export const bleuCounts = (words: readonly string[]): Map<string, number>[] =>
  bleuOrders.map((size) => countOf(sequences({ words, size })));

export interface BleuMatches {
  /** Matching runs by order, each counted as often as the reference that has most of it. */
  correct: readonly number[];
  /** Runs of the answer by order. */
  total: readonly number[];
  answerWords: number;
  /** Words of the reference whose length is closest. */
  referenceWords: number;
}

/**
 * Sentence BLEU, 0..1, as sacrebleu gives it: exponential smoothing of orders without a match, and only the orders the
 * answer is long enough for (Chen and Cherry 2014, method 3; Post 2018).
 */
export function bleuScore({ correct, total, answerWords, referenceWords }: BleuMatches): {
  score: number;
  brevityPenalty: number;
} {
  const brevityPenalty =
    answerWords === 0 ? 0 : answerWords < referenceWords ? Math.exp(1 - referenceWords / answerWords) : 1;
  if (!correct.some(Boolean)) return { score: 0, brevityPenalty };
  let smoothing = 1;
  let logarithms = 0;
  let orders = 0;
  for (const [index, runs] of total.entries()) {
    if (runs === 0) break;
    orders += 1;
    if (correct[index] === 0) smoothing *= 2;
    logarithms += Math.log(correct[index] === 0 ? 1 / (smoothing * runs) : correct[index]! / runs);
  }
  return { score: Math.min(1, brevityPenalty * Math.exp(logarithms / orders)), brevityPenalty };
}
