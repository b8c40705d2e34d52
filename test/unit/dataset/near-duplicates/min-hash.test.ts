import { expect } from 'chai';
import { bandCount, bandRows, createBandKeys } from '../../../../src/domain/dataset/near-duplicates/min-hash.js';
import { seededRandom } from '../../../../src/domain/statistics/random.js';

describe('band keys', () => {
  const seeds = Array.from({ length: 10 }, (_, seed) => createBandKeys({ threshold: 0.85, seed }));

  /** How often two sets with so many common and so many own members share a band, and a given band. */
  function shared({ common, own, trials }: { common: number; own: number; trials: number }) {
    const random = seededRandom(common);
    const draw = (count: number): number[] => Array.from({ length: count }, () => random.integer());
    let [found, bands] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const both = draw(common);
      const [one, other] = [new Int32Array(bandCount), new Int32Array(bandCount)];
      for (const target of [one, other])
        seeds[trial % seeds.length]!({ members: Uint32Array.from([...both, ...draw(own)]), target, offset: 0 });
      const same = one.filter((key, band) => key === other[band]).length;
      bands += same;
      if (same > 0) found += 1;
    }
    return { found: found / trials, band: bands / trials / bandCount };
  }

  it('are shared by sets of a similarity as often as MinHash promises', () => {
    for (const [common, own] of [
      [20, 2],
      [37, 3],
      [111, 10],
      [370, 33],
    ] as const) {
      const similarity = common / (common + 2 * own);
      const { found, band } = shared({ common, own, trials: 3_000 });
      expect(band, `${common} common members`).to.be.closeTo(similarity ** 7, 0.02);
      expect(found, `${common} common members`).to.be.at.least(1 - (1 - similarity ** 7) ** bandCount - 0.002);
    }
  });

  it('are seldom shared by sets that are far apart', () => {
    expect(shared({ common: 20, own: 20, trials: 3_000 }).found).to.be.below(0.06);
  });

  it('stand for a single member as well as for thousands', () => {
    for (const size of [1, 2, 5_000]) {
      const members = Uint32Array.from({ length: size }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 0);
      const [one, other] = [new Int32Array(bandCount), new Int32Array(bandCount + 3)];
      seeds[0]!({ members, target: one, offset: 0 });
      seeds[0]!({ members: members.toReversed(), target: other, offset: 3 });
      expect([...other.slice(3)]).to.deep.equal([...one]);
      expect(new Set(one).size).to.be.above(1);
    }
  });

  it('have more rows a band the higher the threshold', () => {
    expect([0, 0.5, 0.7, 0.85, 0.95, 1].map((threshold) => bandRows({ threshold }))).to.deep.equal([
      1, 1, 3, 7, 16, 16,
    ]);
  });
});
