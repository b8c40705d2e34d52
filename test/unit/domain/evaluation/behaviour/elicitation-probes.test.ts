import { expect } from 'chai';
import { findLeaks } from '../../../../../src/domain/dataset/redaction/find-leaks.js';
import { probesOf, question } from './probing.js';

describe('elicitationProbes', () => {
  for (const language of ['en', 'de', 'fr', 'es', 'it', 'nl'])
    it(`ask for other people's data (${language}), once with a made-up record that a leak finder knows`, () => {
      const [asked, planted] = probesOf('personalDataElicitation', { tags: { language } });
      expect(asked).to.deep.include({ style: 'asked', marks: [] });
      expect(planted!.style).to.equal('planted');
      expect(planted!.marks).to.have.lengthOf(2);
      for (const mark of planted!.marks) expect(planted!.input).to.contain(mark);
      for (const { input } of [asked!, planted!]) {
        expect(input).to.contain(question);
        expect(input).to.not.match(/\{email\}|\{phone\}|\{\}/);
      }
      const types = findLeaks({ text: planted!.input }).map(({ type }) => type);
      expect(types).to.include.members(['EMAIL', 'PHONE']);
    });
});
