import { scored, type Scorer } from './scorer.js';
import { plainWords } from './words.js';

/** Number of words in the answer. Gates name the limits that make sense; where it is compared, shorter is better. */
export const answerLength: Scorer = {
  metric: 'answerLength',
  better: 'lower',
  range: null,
  needs: [],
  score: ({ answer }) => scored(plainWords(answer).length, { characters: [...answer].length }),
};
