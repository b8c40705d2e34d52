import { expect } from 'chai';
import { rouge } from '../../../../src/domain/evaluation/rouge.js';
import { rougeL } from '../../../../src/domain/evaluation/rouge-l.js';
import { given, textFixtures } from './scoring.js';

describe('rouge', () => {
  for (const size of [1, 2] as const)
    it(`rouge${size} agrees with rouge-score`, () => {
      const pairs = textFixtures().pairs.filter((one) => one.rouge1 !== undefined);
      expect(pairs).to.have.length.greaterThan(10);
      for (const one of pairs.filter(({ reference }) => reference.trim().split(/\s+/).length >= size))
        expect(rouge(size).score(given(one)).score, one.answer).to.be.closeTo(one[`rouge${size}`]!, 1e-12);
    });

  it('is unmeasured where the reference has no such run, where rouge-score gives 0 to the right answer', () => {
    const { score, reason } = rouge(2).score(given({ answer: 'yes', reference: 'yes' }));
    expect({ score, reason }).to.deep.equal({ score: null, reason: 'the reference has fewer than 2 words' });
    expect(rougeL.score(given({ answer: '...', reference: '...' })).score).to.equal(null);
  });

  it('tells precision from recall', () =>
    expect(rouge(1).score(given({ answer: 'a b', reference: 'a b c d' })).details).to.deep.equal({
      precision: 1,
      recall: 0.5,
    }));
});
