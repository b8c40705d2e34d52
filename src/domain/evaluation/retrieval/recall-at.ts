import { scored, unitRange, type Scorer } from '../scorer.js';
import { relevantAmong, scoreRanking } from './ranked-documents.js';

/** Recall at k: relevant documents among the first k, over all relevant ones (as trec_eval counts). */
export const recallAt = (k: number): Scorer => ({
  metric: `recallAt${k}`,
  better: 'higher',
  range: unitRange,
  needs: ['relevantDocuments', 'documents'],
  score: (input) =>
    scoreRanking(input, ({ gains, ideal }) => {
      const relevant = relevantAmong(gains.slice(0, k));
      return scored(relevant / ideal.length, { relevant, wanted: ideal.length });
    }),
});
