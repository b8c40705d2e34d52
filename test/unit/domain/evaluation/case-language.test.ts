import { expect } from 'chai';
import { caseLanguage } from '../../../../src/domain/evaluation/case-language.js';

describe('caseLanguage', () => {
  it('reads the code of a tag, with or without a region', () => {
    expect(['de', 'de-AT', 'EN_gb'].map((language) => caseLanguage({ language }))).to.deep.equal(['de', 'de', 'en']);
  });

  it('is none for anything else', () => {
    for (const tags of [undefined, {}, { language: 'german' }, { language: '' }])
      expect(caseLanguage(tags)).to.equal(undefined);
  });
});
