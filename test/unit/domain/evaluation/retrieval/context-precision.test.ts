import { expect } from 'chai';
import { contextPrecision } from '../../../../../src/domain/evaluation/retrieval/context-precision.js';
import { given } from '../scoring.js';
import { documents, expectUnmeasuredWithoutInput } from './ranked-scorers.js';

describe('contextPrecision', () => {
  it('is unmeasured without its input', () => expectUnmeasuredWithoutInput('contextPrecision'));

  it('is the mean precision at the ranks of relevant documents, as Ragas defines it', () => {
    const score = (...ids: string[]) =>
      contextPrecision.score(given({ answer: 'x', relevantDocuments: ['a', 'b'], observed: documents(...ids) })).score;
    expect(score('a', 'x', 'b')).to.be.closeTo((1 + 2 / 3) / 2, 1e-15);
    expect(score('x', 'a')).to.equal(0.5);
    expect(score('a', 'b', 'x', 'y')).to.equal(1);
    expect(score('x')).to.equal(0);
  });
});
