import { expect } from 'chai';
import fc from 'fast-check';
import { splitOf } from '../../../src/domain/dataset/split.js';
import { createClusterJoiner, createSplitter, splitBalance } from '../../../src/domain/dataset/splitter.js';

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

describe('joined clusters', () => {
  it('have the key of the one that was named first', () => {
    const joiner = createClusterJoiner();
    joiner.join({ one: 'b', other: 'c' });
    joiner.join({ one: 'd', other: 'e' });
    joiner.join({ one: 'e', other: 'c' });
    expect(['b', 'c', 'd', 'e', 'a'].map((key) => joiner.keyOf(key))).to.deep.equal(['b', 'b', 'b', 'b', 'a']);
  });

  it('never straddle the split', () => {
    const pair = fc.record({ one: row, other: row });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
        const joiner = createClusterJoiner();
        for (const { one, other } of pairs) joiner.join({ one: one.cluster, other: other.cluster });
        const rows = pairs.flatMap(({ one, other }) => [one, other]);
        const sides = split({
          rows: rows.map((each) => ({ ...each, cluster: joiner.keyOf(each.cluster) })),
          share: 0.5,
        });
        pairs.forEach((_, index) => expect(sides[2 * index]).to.equal(sides[2 * index + 1]));
      }),
    );
  });
});

describe('split balance', () => {
  it('lists categories, the furthest from the share first', () => {
    const counts = new Map([
      ['billing', { train: 90, validation: 10 }],
      ['delivery', { train: 50, validation: 0 }],
    ]);
    expect(splitBalance({ counts, share: 0.1 })).to.deep.equal([
      { category: 'delivery', rows: 50, validation: 0, share: 0 },
      { category: 'billing', rows: 100, validation: 10, share: 0.1 },
    ]);
  });
});
