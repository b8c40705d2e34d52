import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { sequences } from './sequences.js';
import { seenWords, sharedWords } from './words.js';

/**
 * ROUGE-N F-measure over runs of `size` words (Lin 2004, beta = 1), without stemming. A reference without such a run says
 * nothing of any answer; rouge-score gives 0 there, to the right answer as well.
 */
export const rouge = (size: number): Scorer => ({
  metric: `rouge${size}`,
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const ours = sequences({ words: seenWords(answer), size });
    const theirs = sequences({ words: seenWords(reference), size });
    if (theirs.length === 0) return unmeasured(`the reference has fewer than ${size} words`);
    const shared = sharedWords(ours, theirs);
    const score = shared === 0 ? 0 : (2 * shared) / (ours.length + theirs.length);
    const details = { precision: shared / Math.max(1, ours.length), recall: shared / theirs.length };
    return scored(score, details);
  },
});
