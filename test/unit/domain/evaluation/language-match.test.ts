import { expect } from 'chai';
import { languageMatch } from '../../../../src/domain/evaluation/language-match.js';
import { withLanguages } from '../../../../src/domain/evaluation/observe-language.js';
import { given } from './scoring.js';

describe('languageMatch', () => {
  const observed = (language: string | null, confidence = 0.99) => ({ answerLanguage: { language, confidence } });

  it('compares with what the case expects, or else with its tag', () => {
    const tags = { language: 'de' };
    expect(languageMatch.score(given({ answer: 'x', tags, observed: observed('de') })).score).to.equal(1);
    expect(languageMatch.score(given({ answer: 'x', tags, observed: observed('en') })).score).to.equal(0);
    const expected = { language: 'fr' };
    expect(languageMatch.score(given({ answer: 'x', tags, expected, observed: observed('fr') })).score).to.equal(1);
  });

  it('reads the language of real answers', () => {
    const [german, none] = withLanguages([
      { id: 'a', answer: 'Ihr Paket kommt morgen zwischen acht und zwölf Uhr an.', reason: null },
      { id: 'b', answer: null, reason: 'timeout' },
    ]);
    expect(german!.answerLanguage!.language).to.equal('de');
    expect(languageMatch.score(given({ answer: '', tags: { language: 'de' }, observed: german! })).score).to.equal(1);
    expect(none).to.not.have.property('answerLanguage');
  });

  it('is unmeasured where language, detection or certainty is missing', () => {
    const tags = { language: 'de' };
    const reason = (one: Parameters<typeof given>[0]) => languageMatch.score(given(one)).reason;
    expect(reason({ answer: 'x', observed: observed('de') })).to.equal('the case names no language');
    expect(reason({ answer: 'x', tags })).to.equal("the answer's language was not detected");
    expect(reason({ answer: 'OK', tags, observed: observed('de', 0.4) })).to.contain('confidence 0.40 < 0.6');
    expect(reason({ answer: '42', tags, observed: observed(null, 0) })).to.contain('unsure');
  });
});
