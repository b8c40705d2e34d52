import { expect } from 'chai';
import { mrr } from '../../../../../src/domain/evaluation/retrieval/mrr.js';
import { given } from '../scoring.js';
import { documents, expectTrecEval, expectUnmeasuredWithoutInput } from './ranked-scorers.js';

describe('mrr', () => {
  it('agrees with trec_eval', () => expectTrecEval('mrr'));

  it('is unmeasured without its input', () => expectUnmeasuredWithoutInput('mrr'));

  it('names the rank', () => {
    const one = given({ answer: 'x', relevantDocuments: ['c', 'd'], observed: documents('a', 'b', 'c', 'd') });
    expect(mrr.score(one)).to.deep.include({ score: 1 / 3, details: { rank: 3 } });
  });
});
