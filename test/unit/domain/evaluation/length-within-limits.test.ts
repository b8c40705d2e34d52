import { expect } from 'chai';
import { lengthWithinLimits } from '../../../../src/domain/evaluation/length-within-limits.js';
import { given } from './scoring.js';

describe('lengthWithinLimits', () => {
  it('counts words against both limits, which are allowed themselves', () => {
    const score = (answer: string, words: { min?: number; max?: number }) =>
      lengthWithinLimits.score(given({ answer, expected: { words } }));
    expect(score('one two three', { min: 3, max: 3 })).to.deep.include({ score: 1, details: { words: 3 } });
    expect(score('one two three', { max: 2 }).score).to.equal(0);
    expect(score('one two three', { min: 4 }).score).to.equal(0);
    expect(score('', { max: 2 }).score).to.equal(1);
  });

  it('is unmeasured without limits', () =>
    expect(lengthWithinLimits.score(given({ answer: 'x' })).reason).to.equal('the case names no limits of length'));
});
