import { expect } from 'chai';
import { chrf } from '../../../../src/domain/evaluation/chrf.js';
import { given, textFixtures } from './scoring.js';

describe('chrf', () => {
  it('agrees with sacrebleu', () => {
    const { pairs } = textFixtures();
    expect(pairs).to.have.length.greaterThan(15);
    for (const one of pairs) expect(chrf.score(given(one)).score, one.answer).to.be.closeTo(one.chrf, 1e-12);
  });

  it('is unmeasured without a reference to compare with', () =>
    expect(chrf.score(given({ answer: 'x', reference: ' ' })).score).to.equal(null));
});
