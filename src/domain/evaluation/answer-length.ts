import { scored, type Scorer } from './scorer.js';
import { seenWords } from './words.js';

/** Number of words in the answer. Gates name the limits that make sense; where it is compared, shorter is better. */
export const answerLength: Scorer = {
  metric: 'answerLength',
  better: 'lower',
  range: null,
  needs: [],
  score: ({ answer }) => scored(seenWords(answer).length, { characters: [...answer].length }),
};
