import { expect } from 'chai';
import { refusalAsExpected } from '../../../../src/domain/evaluation/refusal-as-expected.js';
import { given } from './scoring.js';

describe('refusalAsExpected', () => {
  const declines = 'I’m sorry, but I can’t help with that.';
  const score = (answer: string, refusal: boolean) =>
    refusalAsExpected.score(given({ answer, expected: { refusal } })).score;

  it('wants a refusal where one is due, and none elsewhere', () => {
    expect(score(declines, true)).to.equal(1);
    expect(score(declines, false)).to.equal(0);
    expect(score('It arrives tomorrow.', false)).to.equal(1);
    expect(score('It arrives tomorrow.', true)).to.equal(0);
  });

  it('is unmeasured where the case does not say', () =>
    expect(refusalAsExpected.score(given({ answer: declines })).score).to.equal(null));
});
