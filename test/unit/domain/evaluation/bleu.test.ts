import { expect } from 'chai';
import { bleu } from '../../../../src/domain/evaluation/bleu.js';
import { given, textFixtures } from './scoring.js';

describe('bleu', () => {
  it('agrees with sacrebleu, Chinese included', () => {
    const { pairs } = textFixtures();
    expect(pairs).to.have.length.greaterThan(15);
    for (const one of pairs) expect(bleu.score(given(one)).score, one.answer).to.be.closeTo(one.bleu, 1e-12);
  });

  it('compares other scripts without spaces by characters too', () =>
    expect(bleu.score(given({ answer: '配達は明日です', reference: '配達は今日です' })).score).to.be.closeTo(
      (6 / 7) ** 0.25 * (4 / 6) ** 0.25 * (2 / 5) ** 0.25 * (1 / (2 * 4)) ** 0.25,
      1e-12,
    ));

  it('is unmeasured without a reference to compare with', () =>
    expect(bleu.score(given({ answer: 'x', reference: ' ' })).reason).to.equal(
      'the reference has no word to compare with',
    ));
});
