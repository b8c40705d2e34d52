import { distinctSequences } from './distinct-sequences.js';
import { selfBleu } from './self-bleu.js';
import { sequences } from './sequences.js';
import { plainWords } from './words.js';

/** How varied an arm's answers are; null where there are too few words to say. */
export interface Diversity {
  answers: number;
  /** Distinct words, over all words of all answers (Li et al. 2016). */
  distinct1: number | null;
  /** Distinct pairs of words, over all pairs. */
  distinct2: number | null;
  /** Share of answers that no other equals, but for case, punctuation and blanks. */
  uniqueAnswers: number | null;
  /** Mean Self-BLEU; higher is less varied. */
  selfBleu: number | null;
  /** Mean of the answers' own distinct pairs. */
  distinctWithin: number | null;
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const measuredMean = (scores: readonly { score: number | null }[]): number | null =>
  meanOf(scores.flatMap(({ score }) => (score === null ? [] : [score])));

/**
 * The variety of a set of answers. All figures fall or rise with the number and length of answers, so that champion and
 * challenger are compared only on the same cases.
 */
export function diversityOf({ answers }: { answers: readonly (string | null)[] }): Diversity {
  const given = answers.flatMap((answer) => (answer === null ? [] : [answer]));
  const words = given.map(plainWords);
  const distinct = (size: number): number | null => {
    const runs = words.flatMap((one) => sequences({ words: one, size }));
    return runs.length === 0 ? null : new Set(runs).size / runs.length;
  };
  const texts = new Map<string, number>();
  for (const one of words) texts.set(one.join(' '), (texts.get(one.join(' ')) ?? 0) + 1);
  const unique = words.filter((one) => texts.get(one.join(' ')) === 1).length;
  const within = distinctSequences(2);
  return {
    answers: given.length,
    distinct1: distinct(1),
    distinct2: distinct(2),
    uniqueAnswers: given.length === 0 ? null : unique / given.length,
    selfBleu: measuredMean(selfBleu.scoreSet({ answers: given })),
    distinctWithin: measuredMean(given.map((answer) => within.score({ case: { input: '', reference: '' }, answer }))),
  };
}
