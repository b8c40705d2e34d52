import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { sequences } from './sequences.js';
import { plainWords } from './words.js';

/**
 * Distinct runs of `size` words over all runs of that size in one answer: distinct-n (Li et al. 2016) taken answer by
 * answer, which is 1 - seq-rep-n (Welleck et al. 2020). Models that run in circles score low.
 */
export const distinctSequences = (size: number): Scorer => ({
  metric: `distinct${size}`,
  better: 'higher',
  range: unitRange,
  needs: [],
  score: ({ answer }) => {
    const runs = sequences({ words: plainWords(answer), size });
    if (runs.length === 0) return unmeasured(`the answer has fewer than ${size} words`);
    const distinct = new Set(runs).size;
    return scored(distinct / runs.length, { distinct, runs: runs.length });
  },
});
