import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { seenWords } from './words.js';

/** Length of the longest common subsequence, in one row of memory. */
function commonSubsequence(one: readonly string[], other: readonly string[]): number {
  const lengths = new Uint32Array(other.length + 1);
  for (const word of one) {
    let diagonal = 0;
    for (let index = 1; index <= other.length; index += 1) {
      const above = lengths[index]!;
      lengths[index] = word === other[index - 1] ? diagonal + 1 : Math.max(above, lengths[index - 1]!);
      diagonal = above;
    }
  }
  return lengths[other.length]!;
}

/** ROUGE-L F-measure over the longest common subsequence of words (Lin 2004, beta = 1), without stemming. */
export const rougeL: Scorer = {
  metric: 'rougeL',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const [ours, theirs] = [seenWords(answer), seenWords(reference)];
    if (theirs.length === 0) return unmeasured('the reference has no word to compare with');
    const common = commonSubsequence(ours, theirs);
    const score = common === 0 ? 0 : (2 * common) / (ours.length + theirs.length);
    return scored(score, { common, answerWords: ours.length, referenceWords: theirs.length });
  },
};
