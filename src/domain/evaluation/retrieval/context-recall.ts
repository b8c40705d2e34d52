import { scored, unitRange, type Scorer } from '../scorer.js';
import { relevantAmong, scoreRanking } from './ranked-documents.js';

/** Context recall as Ragas defines it, relevance by document: the share of relevant documents that were found. */
export const contextRecall: Scorer = {
  metric: 'contextRecall',
  better: 'higher',
  range: unitRange,
  needs: ['relevantDocuments', 'documents'],
  score: (input) =>
    scoreRanking(input, ({ gains, ideal }) => {
      const relevant = relevantAmong(gains);
      return scored(relevant / ideal.length, { relevant, wanted: ideal.length });
    }),
};
