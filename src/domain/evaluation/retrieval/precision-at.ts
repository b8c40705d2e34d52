import { scored, unitRange, type Scorer } from '../scorer.js';
import { relevantAmong, scoreRanking } from './ranked-documents.js';

/**
 * Precision at k: relevant documents among the first k, over k, also where fewer were found (as trec_eval counts).
 */
export const precisionAt = (k: number): Scorer => ({
  metric: `precisionAt${k}`,
  better: 'higher',
  range: unitRange,
  needs: ['relevantDocuments', 'documents'],
  score: (input) =>
    scoreRanking(input, ({ gains }) => {
      const relevant = relevantAmong(gains.slice(0, k));
      return scored(relevant / k, { relevant, found: gains.length });
    }),
});
