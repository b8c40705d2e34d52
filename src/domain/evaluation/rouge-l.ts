import { commonSubsequenceLength } from './common-subsequence.js';
import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { seenWords } from './words.js';

/** ROUGE-L F-measure over the longest common subsequence of words (Lin 2004, beta = 1), without stemming. */
export const rougeL: Scorer = {
  metric: 'rougeL',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const [ours, theirs] = [seenWords(answer), seenWords(reference)];
    if (theirs.length === 0) return unmeasured('the reference has no word to compare with');
    const common = commonSubsequenceLength({ one: ours, other: theirs });
    const score = common === 0 ? 0 : (2 * common) / (ours.length + theirs.length);
    return scored(score, { common, answerWords: ours.length, referenceWords: theirs.length });
  },
};
