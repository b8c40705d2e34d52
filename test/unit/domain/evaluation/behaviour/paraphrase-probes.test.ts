import { expect } from 'chai';
import { probesOf, question } from './probing.js';

describe('paraphraseProbes', () => {
  it('take the wordings of the case first, then frames that hold the question as it is', () => {
    const probes = probesOf('paraphrase', { paraphrases: ['When will my Monday order arrive?'] });
    expect(probes.map(({ style }) => style)).to.deep.equal(['written', 'framed', 'framed']);
    expect(probes[0]!.input).to.equal('When will my Monday order arrive?');
    for (const { input } of probes.slice(1)) expect(input).to.contain(question);
    expect(new Set(probes.map(({ input }) => input))).to.have.lengthOf(3);
  });

  it('speak the language of the case, signs that mean something to replace() included', () => {
    const input = 'Kostet es $& oder $1?';
    for (const probe of probesOf('paraphrase', { input, tags: { language: 'de' } })) {
      expect(probe.input).to.contain(input);
      expect(probe.input).to.match(/Frage|Dank|helfen|beantworten/);
    }
  });
});
