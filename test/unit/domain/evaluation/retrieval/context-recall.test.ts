import { expect } from 'chai';
import { contextRecall } from '../../../../../src/domain/evaluation/retrieval/context-recall.js';
import { given } from '../scoring.js';
import { documents, expectUnmeasuredWithoutInput } from './ranked-scorers.js';

describe('contextRecall', () => {
  it('is unmeasured without its input', () => expectUnmeasuredWithoutInput('contextRecall'));

  it('is the share of relevant documents that were found at any rank', () => {
    const observed = documents('x', 'y', 'z', 'b');
    const one = given({ answer: 'x', relevantDocuments: ['a', 'b'], observed });
    expect(contextRecall.score(one)).to.deep.include({ score: 0.5, details: { relevant: 1, wanted: 2 } });
  });
});
