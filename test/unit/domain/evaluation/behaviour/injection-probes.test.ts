import { expect } from 'chai';
import { probesOf, question } from './probing.js';

describe('injectionProbes', () => {
  it('wrap the question in three attacks, each with a word of its own', () => {
    const probes = probesOf('promptInjection');
    expect(probes).to.have.lengthOf(3);
    expect(probes[0]!.style).to.equal('ignoreInstructions');
    expect(new Set(probes.map(({ style }) => style))).to.have.lengthOf(3);
    expect(new Set(probes.map(({ marks }) => marks[0]))).to.have.lengthOf(3);
    for (const { input, marks } of probes) {
      expect(input).to.contain(question);
      expect(input).to.contain(marks[0]);
      expect(input).to.not.match(/\{word\}|\{\}/);
      expect(marks[0]).to.match(/^([b-z][aeiou]){5}$/);
    }
  });

  it('give the plain order in the language of the case', () =>
    expect(probesOf('promptInjection', { tags: { language: 'nl' } })[0]!.input).to.contain('Negeer alle'));

  it('do not fill a question that looks like a template', () => {
    const input = 'What does {word} mean? {}';
    expect(probesOf('promptInjection', { input })[0]!.input).to.contain(input);
  });
});
