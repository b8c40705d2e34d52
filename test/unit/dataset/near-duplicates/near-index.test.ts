import { expect } from 'chai';
import fc from 'fast-check';
import { createNearIndex } from '../../../../src/domain/dataset/near-duplicates/near-index.js';
import { copiedReviews, similarPairs } from './brute-force.js';

describe('near index', () => {
  it('gives texts of the same words one number, and finds it by any of them', () => {
    const index = createNearIndex({ threshold: 0.85, seed: 1 });
    expect(index.add('Where is my parcel?')).to.equal(0);
    expect(index.add('How much is a box to Norway?')).to.equal(1);
    expect(index.add('where is MY parcel')).to.equal(0);
    expect(index.matches('Where is my parcel!')).to.deep.equal([0]);
    expect(index.matches('Where is my letter?')).to.deep.equal([]);
    expect(index.matches('')).to.deep.equal([]);
  });

  it('finds what brute force finds, 99 of 100, and hardly anything else', () => {
    const rows = copiedReviews({ seed: 11, rows: 6000, words: [20, 60] });
    const pairs = new Set(
      similarPairs({ rows, threshold: 0.85 })
        .filter(([one, other]) => one % 2 !== other % 2)
        .map(([one, other]) => (one % 2 === 0 ? `${one}-${other}` : `${other}-${one}`)),
    );
    const index = createNearIndex({ threshold: 0.85, seed: 3 });
    const rowsOf = new Map<number, number[]>();
    rows.forEach(({ text }, row) => {
      if (row % 2 !== 0) return;
      const number = index.add(text);
      rowsOf.set(number, [...(rowsOf.get(number) ?? []), row]);
    });
    const matches = rows.flatMap(({ text }, row) =>
      row % 2 === 0 ? [] : index.matches(text).flatMap((number) => rowsOf.get(number)!.map((kept) => `${kept}-${row}`)),
    );
    const right = matches.filter((pair) => pairs.has(pair)).length;
    expect(pairs.size).to.be.above(150);
    expect(right / pairs.size).to.be.at.least(0.99);
    expect(right / matches.length).to.be.at.least(0.98);
  });

  it('finds every added text by itself, however many there are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 400 }), (seeds) => {
        const index = createNearIndex({ threshold: 0.85, seed: 5 });
        const texts = seeds.map((seed) => `w${seed} x${seed} y${seed} z${seed}`);
        const numbers = texts.map((text) => index.add(text));
        texts.forEach((text, position) => expect(index.matches(text)).to.include(numbers[position]));
      }),
      { numRuns: 30 },
    );
  });
});
