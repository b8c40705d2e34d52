import { expect } from 'chai';
import { recallAt } from '../../../../../src/domain/evaluation/retrieval/recall-at.js';
import { given } from '../scoring.js';
import { documents, expectTrecEval, expectUnmeasuredWithoutInput } from './ranked-scorers.js';

describe('recallAt', () => {
  for (const depth of [1, 3, 5, 10]) it(`agrees with trec_eval at ${depth}`, () => expectTrecEval(`recallAt${depth}`));

  it('is unmeasured without its input', () => expectUnmeasuredWithoutInput('recallAt3'));

  it('is the share of relevant documents among the first', () => {
    const observed = documents('a', 'x', 'b');
    const one = given({ answer: 'x', relevantDocuments: ['a', 'b', 'c'], observed });
    expect(recallAt(3).score(one)).to.deep.include({ score: 2 / 3, details: { relevant: 2, wanted: 3 } });
  });

  it('takes the list where a case grades no document at all', () => {
    const one = { answer: 'x', relevance: {}, relevantDocuments: ['a', 'b'], observed: documents('a') };
    expect(recallAt(3).score(given(one)).score).to.equal(0.5);
  });
});
