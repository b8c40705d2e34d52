import { scored, unitRange, type Scorer } from '../scorer.js';
import { scoreRanking } from './ranked-documents.js';

/** Reciprocal rank of the first relevant document, 0 where none was found; its mean is the MRR (Voorhees 1999). */
export const mrr: Scorer = {
  metric: 'mrr',
  better: 'higher',
  range: unitRange,
  needs: ['relevantDocuments', 'documents'],
  score: (input) =>
    scoreRanking(input, ({ gains }) => {
      const rank = gains.findIndex((gain) => gain > 0) + 1;
      return rank === 0 ? scored(0) : scored(1 / rank, { rank });
    }),
};
