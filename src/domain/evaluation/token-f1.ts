import { scored, unitRange, type Scorer } from './scorer.js';
import { wordOverlap } from './word-overlap.js';

/** Harmonic mean of precision and recall over words (Rajpurkar et al. 2016). */
export const tokenF1: Scorer = {
  metric: 'tokenF1',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const { f1, precision, recall } = wordOverlap({ answer, reference });
    return scored(f1, { precision, recall });
  },
};
