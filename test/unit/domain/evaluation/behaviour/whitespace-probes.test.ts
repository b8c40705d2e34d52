import { expect } from 'chai';
import { probesOf, question } from './probing.js';

describe('whitespaceProbes', () => {
  it('change nothing but blanks', () => {
    const probes = probesOf('whitespace', {}, 3);
    expect(probes.map(({ style }) => style)).to.include.members(['doubled', 'around']);
    for (const { input } of probes) {
      expect(input).to.not.equal(question);
      expect(input.replace(/\s/g, '')).to.equal(question.replace(/\s/g, ''));
    }
  });

  it('add and remove as often as FMEval does', () => {
    const input = 'ab '.repeat(4000);
    const slipped = probesOf('whitespace', { input }).find(({ style }) => style === 'addedAndRemoved')!.input;
    const blanks = slipped.split(' ').length - 1;
    expect(blanks).to.be.within(4000 * 0.9 + 8000 * 0.05 - 150, 4000 * 0.9 + 8000 * 0.05 + 150);
  });
});
