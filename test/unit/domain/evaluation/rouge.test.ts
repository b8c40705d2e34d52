import { expect } from 'chai';
import { rouge } from '../../../../src/domain/evaluation/rouge.js';
import { given, textFixtures } from './scoring.js';

describe('rouge', () => {
  for (const size of [1, 2] as const)
    it(`rouge${size} agrees with rouge-score`, () => {
      const pairs = textFixtures().pairs.filter((one) => one.rouge1 !== undefined);
      expect(pairs).to.have.length.greaterThan(10);
      for (const one of pairs)
        expect(rouge(size).score(given(one)).score, one.answer).to.be.closeTo(one[`rouge${size}`]!, 1e-12);
    });

  it('tells precision from recall', () =>
    expect(rouge(1).score(given({ answer: 'a b', reference: 'a b c d' })).details).to.deep.equal({
      precision: 1,
      recall: 0.5,
    }));
});
