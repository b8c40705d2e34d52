import { scored, unitRange, type Scorer } from '../scorer.js';
import { scoreRanking } from './ranked-documents.js';

const discounted = (gains: readonly number[]): number =>
  gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);

/**
 * Normalised discounted cumulative gain at k with graded relevance (Järvelin and Kekäläinen 2002): the grade itself is
 * the gain, and the best order of all relevant documents is 1 (as trec_eval counts).
 */
export const ndcgAt = (k: number): Scorer => ({
  metric: `ndcgAt${k}`,
  better: 'higher',
  range: unitRange,
  needs: ['relevantDocuments', 'documents'],
  score: (input) =>
    scoreRanking(input, ({ gains, ideal }) => {
      const [gain, best] = [discounted(gains.slice(0, k)), discounted(ideal.slice(0, k))];
      return scored(Math.min(1, gain / best), { gain, best });
    }),
});
