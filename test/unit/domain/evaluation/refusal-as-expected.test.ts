import { expect } from 'chai';
import { refusalAsExpected } from '../../../../src/domain/evaluation/refusal-as-expected.js';
import { refusal } from '../../../../src/domain/evaluation/refusal.js';
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

  it('is unmeasured, as `refusal` is, where no phrase is found in another language than English', () => {
    const german = { answer: 'Dabei kann ich leider nicht helfen.', tags: { language: 'de-AT' } };
    const detected = { answerLanguage: { language: 'de', confidence: 0.9 } };
    for (const one of [
      german,
      { answer: german.answer, observed: detected },
      { answer: '申し訳ありませんが、お答えできません。' },
    ]) {
      const answer = given({ ...one, expected: { refusal: true } });
      const expected = { score: null, reason: 'the answer is not in English, whose refusals alone are known' };
      expect(refusalAsExpected.score(answer), one.answer).to.deep.include(expected);
      expect(refusal.score(answer), one.answer).to.deep.include(expected);
    }
    expect(refusal.score(given({ answer: declines, tags: { language: 'de' } })).score).to.equal(1);
    expect(refusal.score(given({ answer: '👍 14:00' })).score).to.equal(0);
    const unsure = { answerLanguage: { language: 'nl', confidence: 0.3 } };
    expect(refusal.score(given({ answer: 'Open at 9.', observed: unsure })).score).to.equal(0);
  });
});
