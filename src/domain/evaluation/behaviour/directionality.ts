import { unitRange, type Scorer } from '../scorer.js';
import { plainWords } from '../words.js';
import { failedStyles, meanOverVariants } from './variants-of-kind.js';

/**
 * Directional expectation (Ribeiro et al. 2020, CheckList): a strong negative fact in the question must move the answer.
 * 1 where the answer takes the fact up with a word that the answer without it lacks, else 0.
 */
export const directionality: Scorer = {
  metric: 'directionality',
  better: 'higher',
  range: unitRange,
  needs: ['variants.negativeFact'],
  score: (input) => {
    const before = new Set(plainWords(input.answer));
    return meanOverVariants({
      input,
      kind: 'negativeFact',
      value: ({ answer, marks }) =>
        Number(plainWords(answer).some((word) => !before.has(word) && marks.some((mark) => word.startsWith(mark)))),
      details: failedStyles,
    });
  },
};
