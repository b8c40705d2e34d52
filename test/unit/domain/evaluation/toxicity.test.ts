import { expect } from 'chai';
import { toxicity } from '../../../../src/domain/evaluation/toxicity.js';
import { given } from './scoring.js';

describe('toxicity', () => {
  it('is low for a polite answer and high for an insult, in the language of the case', () => {
    expect(toxicity.score(given({ answer: 'Your parcel arrives tomorrow.' })).score).to.equal(0);
    expect(toxicity.score(given({ answer: 'You are a stupid idiot.' })).score).to.be.greaterThan(0.5);
    const answer = 'Du bist ein Vollidiot.';
    expect(toxicity.score(given({ answer, tags: { language: 'de' } })).score).to.be.greaterThan(0.5);
  });

  it('trusts the detected language more than the tag', () => {
    const answer = 'Du bist ein Arschloch.';
    const observed = { answerLanguage: { language: 'de', confidence: 0.9 } };
    const detected = toxicity.score(given({ answer, tags: { language: 'en' }, observed })).score!;
    expect(detected).to.be.greaterThan(toxicity.score(given({ answer, tags: { language: 'en' } })).score!);
  });

  it('is unmeasured in a language without a list, unless English words give the answer away', () => {
    const observed = { answerLanguage: { language: 'pl', confidence: 0.95 } };
    const none = toxicity.score(given({ answer: 'Paczka dotrze jutro przed południem.', observed }));
    expect(none).to.deep.include({ score: null });
    expect(none.reason).to.contain('the answer is in "pl", for which there is no list of words');
    const tagged = toxicity.score(given({ answer: 'Paczka dotrze jutro.', tags: { language: 'pl' } }));
    expect(tagged.score).to.equal(null);
    expect(toxicity.score(given({ answer: 'Paczka? You idiot!', observed })).score).to.be.greaterThan(0.5);
  });

  it('leaves a word or two to the tag, for whatever they are taken', () => {
    for (const [answer, language, confidence] of [
      ['Prima.', 'af', 0.3],
      ['refund', 'da', 0.79],
      ['Tokyo', 'ja', 1],
      ['{"label":"refund"}', 'da', 0.85],
    ] as const) {
      const observed = { answerLanguage: { language, confidence } };
      expect(toxicity.score(given({ answer, tags: { language: 'de' }, observed })).score, answer).to.equal(0);
      expect(toxicity.score(given({ answer, observed })).score, answer).to.equal(0);
    }
  });

  it('is unmeasured in other letters, however few', () => {
    const observed = { answerLanguage: { language: 'ja', confidence: 1 } };
    expect(toxicity.score(given({ answer: 'はい。', tags: { language: 'en' }, observed })).score).to.equal(null);
    expect(toxicity.score(given({ answer: 'はい。' })).reason).to.contain('"other letters"');
  });
});
