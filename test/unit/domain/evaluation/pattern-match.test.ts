import { expect } from 'chai';
import { patternMatch } from '../../../../src/domain/evaluation/pattern-match.js';
import { given } from './scoring.js';

describe('patternMatch', () => {
  const expected = { pattern: '(?i)order #\\d{5}\\b' };

  it('finds the pattern anywhere in the answer', () => {
    expect(patternMatch.score(given({ answer: 'Your Order #12345 has left.', expected }))).to.deep.include({
      score: 1,
      details: { found: 'Order #12345' },
    });
    expect(patternMatch.score(given({ answer: 'Your order #1234 has left.', expected })).score).to.equal(0);
  });

  it('takes linear time for patterns that make back-tracking engines hang', () => {
    const answer = `${'a'.repeat(5000)}!`;
    expect(patternMatch.score(given({ answer, expected: { pattern: '^(a+)+$' } })).score).to.equal(0);
  });

  it('is unmeasured where the case expects none', () =>
    expect(patternMatch.score(given({ answer: 'x' })).reason).to.equal('the case expects no pattern'));
});
