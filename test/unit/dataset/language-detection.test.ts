import { expect } from 'chai';
import { detectLanguage } from '../../../src/domain/dataset/language-detection.js';
import { languages, makeLabelled } from '../../support/redaction/labelled.js';

describe('detectLanguage', () => {
  it('knows 98 of 100 sentences of each language', async () => {
    const labelled = await makeLabelled({ seed: 20_261_121 });
    for (const language of languages) {
      const texts = labelled.filter((one) => one.language === language).map(({ text }) => text);
      const right = texts.filter((text) => detectLanguage({ text }).language === language);
      expect(right.length / texts.length, language).to.be.at.least(0.98);
    }
  });

  it('is surer of more text', () => {
    const short = detectLanguage({ text: 'Super' });
    const long = detectLanguage({ text: 'Wo bleibt mein Paket, das Sie mir letzte Woche versprochen haben?' });
    expect(short.confidence).to.be.below(0.95);
    expect(long.language).to.equal('de');
    expect(long.confidence).to.be.above(0.98);
  });

  it('knows other languages too', () => {
    expect(detectLanguage({ text: 'Gdzie jest moja paczka i kiedy przyjdzie?' }).language).to.equal('pl');
    expect(detectLanguage({ text: 'Olá, onde está a minha encomenda?' }).language).to.equal('pt');
  });

  it('says nothing of texts without letters, placeholders apart', () => {
    for (const text of ['', '12345 :-)', '[EMAIL_1] [PHONE_1]']) {
      expect(detectLanguage({ text }), text).to.deep.equal({ language: null, confidence: 0 });
    }
  });
});
