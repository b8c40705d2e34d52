import { scored, unitRange, type Scorer } from './scorer.js';
import { sequences } from './sequences.js';
import { plainWords, sharedWords } from './words.js';

/** ROUGE-N F-measure over runs of `size` words (Lin 2004, beta = 1), without stemming. */
export const rouge = (size: number): Scorer => ({
  metric: `rouge${size}`,
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const ours = sequences({ words: plainWords(answer), size });
    const theirs = sequences({ words: plainWords(reference), size });
    const shared = sharedWords(ours, theirs);
    const score = shared === 0 ? 0 : (2 * shared) / (ours.length + theirs.length);
    const details = { precision: shared / Math.max(1, ours.length), recall: shared / Math.max(1, theirs.length) };
    return scored(score, details);
  },
});
