import { scored, unitRange, type Scorer } from './scorer.js';
import { wordOverlap } from './word-overlap.js';

/** Share of the answer's words that the reference has. */
export const wordPrecision: Scorer = {
  metric: 'wordPrecision',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const { precision, shared, answerWords } = wordOverlap({ answer, reference });
    return scored(precision, { shared, answerWords });
  },
};
