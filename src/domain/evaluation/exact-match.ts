import { scored, unitRange, type Scorer } from './scorer.js';

/** Whether the answer is the reference, but for blanks around it and the way Unicode composes a letter. */
export const exactMatch: Scorer = {
  metric: 'exactMatch',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) =>
    scored(Number(answer.normalize('NFC').trim() === reference.normalize('NFC').trim())),
};
