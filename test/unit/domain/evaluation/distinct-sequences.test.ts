import { expect } from 'chai';
import { distinctSequences } from '../../../../src/domain/evaluation/distinct-sequences.js';
import { given } from './scoring.js';

describe('distinctSequences', () => {
  it('counts words and pairs that differ, within one answer', () => {
    const answer = 'I do not know, I do not know';
    expect(distinctSequences(1).score(given({ answer }))).to.deep.include({
      score: 4 / 8,
      details: { distinct: 4, runs: 8 },
    });
    expect(distinctSequences(2).score(given({ answer })).score).to.equal(4 / 7);
  });

  it('is unmeasured for an answer that is too short', () =>
    expect(distinctSequences(2).score(given({ answer: 'yes' })).reason).to.equal('the answer has fewer than 2 words'));
});
