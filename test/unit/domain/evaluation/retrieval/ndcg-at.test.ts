import { expect } from 'chai';
import { ndcgAt } from '../../../../../src/domain/evaluation/retrieval/ndcg-at.js';
import { given } from '../scoring.js';
import { documents, expectTrecEval, expectUnmeasuredWithoutInput } from './ranked-scorers.js';

describe('ndcgAt', () => {
  for (const depth of [1, 3, 5, 10]) it(`agrees with trec_eval at ${depth}`, () => expectTrecEval(`ndcgAt${depth}`));

  it('is unmeasured without its input', () => expectUnmeasuredWithoutInput('ndcgAt3'));

  it('is 1 for the best order and less for any other', () => {
    const relevance = { a: 3, b: 1 };
    const score = (...ids: string[]) => ndcgAt(5).score(given({ answer: 'x', relevance, observed: documents(...ids) }));
    expect(score('a', 'b').score).to.equal(1);
    expect(score('b', 'a').score).to.be.closeTo((1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3)), 1e-15);
  });
});
