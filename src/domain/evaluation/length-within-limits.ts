import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { seenWords } from './words.js';

/** Whether the answer has as many words as the case allows. */
export const lengthWithinLimits: Scorer = {
  metric: 'lengthWithinLimits',
  better: 'higher',
  range: unitRange,
  needs: ['expected.words'],
  score: ({ case: { expected }, answer }) => {
    if (expected?.words === undefined) return unmeasured('the case names no limits of length');
    const { min = 0, max = Infinity } = expected.words;
    const words = seenWords(answer).length;
    return scored(Number(words >= min && words <= max), { words });
  },
};
