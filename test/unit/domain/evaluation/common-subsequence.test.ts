import { expect } from 'chai';
import fc from 'fast-check';
import { commonSubsequenceLength } from '../../../../src/domain/evaluation/common-subsequence.js';

/** The definition, place by place. */
function byDefinition(one: readonly string[], other: readonly string[]): number {
  let above = other.map(() => 0);
  for (const word of one) {
    const row: number[] = [];
    for (const [index, wanted] of other.entries())
      row.push(word === wanted ? (above[index - 1] ?? 0) + 1 : Math.max(above[index] ?? 0, row[index - 1] ?? 0));
    above = row;
  }
  return above.at(-1) ?? 0;
}

describe('commonSubsequenceLength', () => {
  it('is what the definition says, for frequent and rare words, within and over 32 of them', () => {
    const words = (letters: string) => fc.array(fc.constantFrom(...letters), { maxLength: 150, size: 'max' });
    fc.assert(
      fc.property(
        fc
          .constantFrom('ab', 'abcdefgh', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
          .chain((letters) => fc.tuple(words(letters), words(letters))),
        ([one, other]) => {
          expect(commonSubsequenceLength({ one, other })).to.equal(byDefinition(one, other));
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it('reads long texts of a few different words in reasonable time', () => {
    const words = Array.from({ length: 30_000 }, (_, index) => 'abcdefg'[(index * index) % 7]!);
    expect(commonSubsequenceLength({ one: words, other: words })).to.equal(30_000);
    expect(commonSubsequenceLength({ one: words, other: ['x'] })).to.equal(0);
    expect(commonSubsequenceLength({ one: [], other: [] })).to.equal(0);
  });
});
