import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { answerWords } from './words.js';

/** Whether the whole reference stands in the answer, word by word, but for case, punctuation, articles and blanks. */
export const contains: Scorer = {
  metric: 'contains',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const wanted = answerWords(reference);
    if (wanted.length === 0) return unmeasured('the reference has no word to look for');
    return scored(Number(` ${answerWords(answer).join(' ')} `.includes(` ${wanted.join(' ')} `)));
  },
};
