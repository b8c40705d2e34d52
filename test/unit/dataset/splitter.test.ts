import { expect } from 'chai';
import fc from 'fast-check';
import { splitOf } from '../../../src/domain/dataset/split.js';
import { createDuplicateIndex } from '../../../src/domain/dataset/near-duplicates/duplicate-index.js';
import { createSplitter } from '../../../src/domain/dataset/splitter.js';
import { copiedReviews, similarPairs } from './near-duplicates/brute-force.js';

interface Row {
  cluster: string;
  category: string | null;
}

const split = ({ rows, seed = 1, share = 0.1 }: { rows: readonly Row[]; seed?: number; share?: number }): string[] => {
  const splitter = createSplitter({ seed, share });
  return rows.map((row) => splitter.place(row));
};

const customers = ({ from, count, category }: { from: number; count: number; category: string }): Row[] =>
  Array.from({ length: count }, (_, index) => ({ cluster: `C-${from + index}`, category }));

const row = fc.record({
  cluster: fc.integer({ min: 0, max: 80 }).map((number) => `C-${number}`),
  category: fc.constantFrom('billing', 'delivery', null),
});

describe('splitter', () => {
  it('goes by the hash of seed and cluster', () => {
    const rows = customers({ from: 0, count: 400, category: 'billing' });
    const sides = split({ rows, seed: 7 });
    const drawn = rows.filter(({ cluster }) => splitOf({ cluster, seed: 7, share: 0.1 }) === 'validation').length;
    expect(sides.filter((side) => side === 'validation')).to.have.length(drawn);
    expect(drawn).to.be.within(20, 60);
    expect(split({ rows, seed: 8 })).not.to.deep.equal(sides);
  });

  it('keeps a cluster on one side, whatever its categories', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 300 }), fc.integer({ min: 0, max: 100 }), (rows, seed) => {
        const sideOf = new Map<string, string>();
        split({ rows, seed }).forEach((side, index) => {
          const { cluster } = rows[index]!;
          expect(sideOf.get(cluster) ?? side).to.equal(side);
          sideOf.set(cluster, side);
        });
      }),
    );
  });

  it('never moves a row when others are added behind', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 200 }), fc.array(row, { maxLength: 200 }), (rows, added) => {
        expect(split({ rows: [...rows, ...added] }).slice(0, rows.length)).to.deep.equal(split({ rows }));
      }),
    );
  });

  it('validates on every category that has clusters enough', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const rows = ['a', 'b', 'c'].flatMap((category, index) => customers({ from: index * 100, count: 10, category }));
      const sides = split({ rows, seed });
      for (const start of [0, 10, 20]) expect(sides.slice(start, start + 10), `seed ${seed}`).to.include('validation');
    }
  });

  it('puts nothing into validation at a share of 0', () => {
    expect(split({ rows: customers({ from: 0, count: 200, category: 'a' }), share: 0 })).not.to.include('validation');
  });
});

describe('near-duplicates and the split', () => {
  it('leaves no two rows that say nearly the same on both sides', () => {
    const rows = copiedReviews({ seed: 31, rows: 1_500, words: [8, 40] });
    const index = createDuplicateIndex({ seed: 1 });
    for (const one of rows) index.add(one);
    const { winner } = index.resolve();
    const sides = split({ rows: rows.map((_, at) => ({ cluster: `C-${at}`, category: null })), share: 0.5 });
    const pairs = similarPairs({ rows, threshold: 0.85 });
    expect(pairs.filter(([one, other]) => sides[one] !== sides[other])).to.have.length.above(20);
    const straddling = pairs.filter(
      ([one, other]) => winner[one] === one && winner[other] === other && sides[one] !== sides[other],
    );
    expect(straddling).to.deep.equal([]);
  });
});
