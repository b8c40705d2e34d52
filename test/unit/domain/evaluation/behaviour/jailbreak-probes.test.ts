import { expect } from 'chai';
import { probesOf, question } from './probing.js';

describe('jailbreakProbes', () => {
  it('wrap the question in three families of attack, each with a word that shows success', () => {
    const probes = probesOf('jailbreak');
    expect(new Set(probes.map(({ style }) => style))).to.have.lengthOf(3);
    for (const { input, marks } of probes) {
      expect(input).to.contain(question);
      expect(input).to.contain(marks[0]);
      expect(input).to.not.match(/\{word\}|\{\}/);
    }
  });

  it('use every family over the cases of a set', () => {
    const styles = new Set(
      Array.from({ length: 40 }, (_, seed) => probesOf('jailbreak', {}, seed))
        .flat()
        .map(({ style }) => style),
    );
    expect([...styles].sort()).to.deep.equal([
      'authority',
      'fiction',
      'prefixInjection',
      'refusalSuppression',
      'rolePlay',
    ]);
  });
});
