import { scored, unitRange, type Scorer } from './scorer.js';
import { sameAnswer } from './words.js';

/** Whether the answer is the reference, but for case, punctuation, English articles and blanks (SQuAD, FMEval). */
export const quasiExactMatch: Scorer = {
  metric: 'quasiExactMatch',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => scored(Number(sameAnswer({ one: answer, other: reference }))),
};
