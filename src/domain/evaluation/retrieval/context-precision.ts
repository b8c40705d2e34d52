import { scored, unitRange, type Scorer } from '../scorer.js';
import { relevantAmong, scoreRanking } from './ranked-documents.js';

/**
 * Context precision as Ragas defines it, relevance by document: the mean of the precision at each rank that holds a
 * relevant document; 0 where none was found. It says whether what is relevant stands first.
 */
export const contextPrecision: Scorer = {
  metric: 'contextPrecision',
  better: 'higher',
  range: unitRange,
  needs: ['relevantDocuments', 'documents'],
  score: (input) =>
    scoreRanking(input, ({ gains }) => {
      const relevant = relevantAmong(gains);
      const precisions = gains.map((gain, index) =>
        gain > 0 ? relevantAmong(gains.slice(0, index + 1)) / (index + 1) : 0,
      );
      const sum = precisions.reduce((total, precision) => total + precision, 0);
      return scored(relevant === 0 ? 0 : sum / relevant, { relevant, found: gains.length });
    }),
};
