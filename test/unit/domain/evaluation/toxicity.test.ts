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
});
