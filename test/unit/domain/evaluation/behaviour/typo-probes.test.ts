import { expect } from 'chai';
import { keysBeside } from '../../../../../src/domain/evaluation/behaviour/keyboards.js';
import { probesOf, question } from './probing.js';

const changedLetters = (one: string, other: string): [string, string][] =>
  [...one].flatMap((letter, place): [string, string][] => (letter === other[place] ? [] : [[letter, other[place]!]]));

describe('typoProbes', () => {
  it('are five forms of the same length, each with typos of neighbouring keys alone', () => {
    const beside = keysBeside('en');
    for (let seed = 0; seed < 50; seed += 1) {
      const probes = probesOf('typos', {}, seed);
      expect(probes).to.have.lengthOf(5);
      for (const { input } of probes) {
        const changed = changedLetters(question, input);
        expect(input).to.have.lengthOf(question.length);
        expect(changed).to.not.have.lengthOf(0);
        for (const [from, to] of changed) {
          expect(beside.get(from.toLowerCase())).to.contain(to.toLowerCase());
          expect(to === to.toLowerCase()).to.equal(from === from.toLowerCase());
        }
      }
    }
  });

  it('change about one letter in ten', () => {
    const input = 'typing '.repeat(300);
    const letters = 6 * 300;
    for (const probe of probesOf('typos', { input }))
      expect(changedLetters(input, probe.input).length / letters).to.be.within(0.07, 0.13);
  });

  it('use the keyboard of the language', () => {
    expect(keysBeside('de').get('z')).to.equal('tugh');
    expect(keysBeside('en').get('z')).to.equal('xas');
    expect(keysBeside('fr').get('a')).to.equal('zq');
  });

  it('are none where nothing can be mistyped', () => expect(probesOf('typos', { input: '42?' })).to.deep.equal([]));
});
