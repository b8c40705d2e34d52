import { expect } from 'chai';
import { probesOf, question } from './probing.js';

describe('letterCaseProbes', () => {
  it('change nothing but the case', () => {
    const probes = probesOf('letterCase');
    expect(probes.map(({ style }) => style)).to.deep.equal(['lowerCase', 'upperCase', 'randomUpperCase']);
    for (const { input } of probes) {
      expect(input).to.not.equal(question);
      expect(input.toLowerCase()).to.equal(question.toLowerCase());
    }
  });

  it('leave out a form that is the question itself', () =>
    expect(probesOf('letterCase', { input: 'WHERE?' }).map(({ style }) => style)).to.deep.equal(['lowerCase']));
});
