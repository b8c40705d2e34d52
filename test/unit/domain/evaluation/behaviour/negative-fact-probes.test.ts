import { expect } from 'chai';
import { probesOf, question } from './probing.js';

describe('negativeFactProbes', () => {
  for (const language of ['en', 'de', 'fr', 'es', 'it', 'nl'])
    it(`put one fact behind the question (${language}), which a word of its own gives away`, () => {
      const [probe, ...others] = probesOf('negativeFact', { tags: { language } });
      expect(others).to.deep.equal([]);
      expect(probe!.input.startsWith(`${question} `)).to.equal(true);
      const fact = probe!.input.slice(question.length).toLowerCase();
      expect(probe!.marks.some((mark) => fact.includes(mark))).to.equal(true);
    });

  it('are given away by no everyday word of a shop', () => {
    const everyday: Record<string, string> = {
      en: 'cutoff broker kindly fine size',
      de: 'brandneu gefallen kundenkonto',
      fr: 'feuille coupon enfin',
      es: 'cortesía rotación',
      it: 'taglia taglie figura',
      nl: 'brandnieuw klant',
    };
    for (const [language, words] of Object.entries(everyday))
      for (let seed = 0; seed < 8; seed += 1)
        for (const mark of probesOf('negativeFact', { tags: { language } }, seed)[0]!.marks)
          for (const word of words.split(' ')) expect(word.startsWith(mark), `${mark} ${word}`).to.equal(false);
  });

  it('speak English in a language they have no text for', () =>
    expect(probesOf('negativeFact', { tags: { language: 'fi' } })[0]!.input).to.match(/caught fire|broke on/));
});
