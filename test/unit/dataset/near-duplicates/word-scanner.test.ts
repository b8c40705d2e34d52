import { expect } from 'chai';
import fc from 'fast-check';
import { createWordScanner } from '../../../../src/domain/dataset/near-duplicates/word-scanner.js';
import { wordsOf } from '../../../../src/domain/dataset/words.js';

const scanner = createWordScanner();
const hashesOf = (text: string): number[] => {
  const { words, count } = scanner.scan(text);
  return [...words.subarray(0, count)];
};

describe('word scanner', () => {
  it('reads the words that wordsOf reads, in scripts with blanks and without', () => {
    const signs = [..."aé߀ bй'’.5荷物がーｶﾞ𠮷ไทย𝐱😀々。-"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 24 }), (parts) => {
        const words = wordsOf(parts.join(''));
        expect(hashesOf(parts.join(''))).to.deep.equal(words.flatMap(hashesOf));
        expect(hashesOf(parts.join(''))).to.have.length(words.length);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  it('takes each letter of a script without blanks for a word', () => {
    expect(wordsOf("It's 荷物 now")).to.deep.equal(["it's", '荷', '物', 'now']);
  });
});
