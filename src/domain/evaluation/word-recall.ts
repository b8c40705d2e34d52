import { scored, unitRange, type Scorer } from './scorer.js';
import { wordOverlap } from './word-overlap.js';

/** Share of the reference's words that the answer has. */
export const wordRecall: Scorer = {
  metric: 'wordRecall',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const { recall, shared, referenceWords } = wordOverlap({ answer, reference });
    return scored(recall, { shared, referenceWords });
  },
};
