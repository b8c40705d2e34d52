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

  it('speak English in a language they have no text for', () =>
    expect(probesOf('negativeFact', { tags: { language: 'fi' } })[0]!.input).to.match(/caught fire|broke on/));
});
