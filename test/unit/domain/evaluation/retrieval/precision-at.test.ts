import { expect } from 'chai';
import { precisionAt } from '../../../../../src/domain/evaluation/retrieval/precision-at.js';
import { given } from '../scoring.js';
import { documents, expectTrecEval, expectUnmeasuredWithoutInput } from './ranked-scorers.js';

describe('precisionAt', () => {
  for (const depth of [1, 3, 5, 10])
    it(`agrees with trec_eval at ${depth}`, () => expectTrecEval(`precisionAt${depth}`));

  it('is unmeasured without its input', () => expectUnmeasuredWithoutInput('precisionAt3'));

  it('counts a document once, however many of its chunks were found', () => {
    const observed = documents('a', 'a', 'b', 'c');
    expect(precisionAt(3).score(given({ answer: 'x', relevantDocuments: ['a'], observed })).score).to.equal(1 / 3);
  });
});
