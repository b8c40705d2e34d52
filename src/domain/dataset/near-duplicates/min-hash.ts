import { seededRandom } from '../../statistics/random.js';
import { mixed } from './text-key.js';

/** Bands of every signature; the more, the fewer near-duplicates are missed, at 6 bytes a row each. */
export const bandCount = 14;
const wantedRecall = 0.998;

/**
 * Rows of a band for a threshold: the most with which two texts of exactly that similarity still share one of the bands
 * with probability 0.998. Two texts of similarity s share a band of r rows with probability s^r (Leskovec, Rajaraman
 * and Ullman 2020, section 3.4.2), so that with 14 bands and 0.85 it is 6 rows and 0.9987.
 */
export function bandRows({ threshold }: { threshold: number }): number {
  const found = (rows: number): number => 1 - (1 - threshold ** rows) ** bandCount;
  let rows = 1;
  while (rows < 32 && found(rows + 1) >= wantedRecall) rows += 1;
  return rows;
}

/**
 * MinHash (Broder 1997) folded into bands: a function that writes a set's `bandCount` keys of 32 bits into `target`
 * from `offset` on. Each row of a band is the least value of a seeded linear permutation of 2^32 over the set.
 */
export function createBandKeys({ threshold, seed }: { threshold: number; seed: number }) {
  const rows = bandRows({ threshold });
  const functions = Math.ceil((bandCount * rows) / 4) * 4;
  const random = seededRandom(seed);
  const factors = Int32Array.from({ length: functions }, () => random.integer() | 1);
  const summands = Int32Array.from({ length: functions }, () => random.integer() | 0);
  const least = new Int32Array(functions);

  /** Four permutations at a time: the minima stay in registers, which is most of this module's speed. */
  function minima({ members, first }: { members: Uint32Array; first: number }): void {
    const [a0, a1, a2, a3] = [factors[first]!, factors[first + 1]!, factors[first + 2]!, factors[first + 3]!];
    const [b0, b1, b2, b3] = [summands[first]!, summands[first + 1]!, summands[first + 2]!, summands[first + 3]!];
    let [m0, m1, m2, m3] = [0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff];
    for (let index = 0; index < members.length; index += 1) {
      const member = members[index]! | 0;
      const v0 = (Math.imul(member, a0) + b0) | 0;
      const v1 = (Math.imul(member, a1) + b1) | 0;
      const v2 = (Math.imul(member, a2) + b2) | 0;
      const v3 = (Math.imul(member, a3) + b3) | 0;
      if (v0 < m0) m0 = v0;
      if (v1 < m1) m1 = v1;
      if (v2 < m2) m2 = v2;
      if (v3 < m3) m3 = v3;
    }
    least[first] = m0;
    least[first + 1] = m1;
    least[first + 2] = m2;
    least[first + 3] = m3;
  }

  return ({ members, target, offset }: { members: Uint32Array; target: Int32Array; offset: number }): void => {
    for (let first = 0; first < functions; first += 4) minima({ members, first });
    for (let band = 0; band < bandCount; band += 1) {
      let key = 0;
      for (let row = band * rows; row < (band + 1) * rows; row += 1) key = mixed(Math.imul(key, 31) ^ least[row]!);
      target[offset + band] = key;
    }
  };
}
