import { seededRandom } from '../../statistics/random.js';
import { mixed } from './text-key.js';

/** Bands of every signature: the more, the fewer other texts come up beside the near-duplicates, at 6 bytes a row each. */
export const bandCount = 17;
const wantedRecall = 0.998;
const mostRows = 16;
const throwsPerPlace = 1;
const valueBits = 21;
const emptyPlace = 0x7fffffff;

/**
 * Rows of a band for a threshold: the most with which two texts of exactly that similarity still share one of the bands
 * with probability 0.998. Two texts of similarity s share a band of r rows with probability s^r (Leskovec, Rajaraman
 * and Ullman 2020, section 3.4.2), so that with 17 bands and 0.85 it is 7 rows and 0.9986.
 */
export function bandRows({ threshold }: { threshold: number }): number {
  const found = (rows: number): number => 1 - (1 - threshold ** rows) ** bandCount;
  let rows = 1;
  while (rows < mostRows && found(rows + 1) >= wantedRecall) rows += 1;
  return rows;
}

/**
 * MinHash (Broder 1997) folded into bands: a function that writes a set's `bandCount` keys of 32 bits into `target`
 * from `offset` on. The signature is made by fast similarity sketching (Dahlgaard, Knudsen and Thorup 2017): round by
 * round every member is thrown into one place of the signature, and the least value of the first round that hits a place
 * stays. A place then agrees in two sets with the probability of their Jaccard similarity, for about one
 * throw a place instead of one for each place and member. The places that are left empty take the value of another one,
 * chosen by a hash of the place (optimal densification, Shrivastava 2017), which spares the long wait for the last of them.
 */
export function createBandKeys({ threshold, seed }: { threshold: number; seed: number }) {
  const rows = bandRows({ threshold });
  const places = bandCount * rows;
  const mostThrows = throwsPerPlace * places;
  const random = seededRandom(seed);
  const roundSeeds = Int32Array.from({ length: mostThrows }, () => random.integer() | 0);
  const donorSeed = random.integer() | 0;
  const least = new Int32Array(places);

  /** Returns how many places were hit. */
  function throwInto(members: Uint32Array): number {
    least.fill(emptyPlace);
    let filled = 0;
    for (let round = 0; round * members.length < mostThrows && filled < places; round += 1) {
      const roundSeed = roundSeeds[round]!;
      // Earlier rounds come before later ones whatever their values, so one comparison decides.
      const rank = round << valueBits;
      for (let index = 0; index < members.length; index += 1) {
        const hash = mixed(members[index]! ^ roundSeed);
        const place = Math.imul(hash >>> 16, places) >>> 16;
        const value = rank | (Math.imul(hash, 0x9e3779b1) >>> (32 - valueBits));
        const known = least[place]!;
        if (value >= known) continue;
        least[place] = value;
        if (known === emptyPlace) filled += 1;
      }
    }
    return filled;
  }

  function fillEmpty(): void {
    for (let place = 0; place < places; place += 1) {
      if (least[place] !== emptyPlace) continue;
      let donor = place;
      for (let attempt = 1; least[donor]! === emptyPlace || least[donor]! < 0; attempt += 1)
        donor = Math.imul(mixed(donorSeed ^ Math.imul(place * 0x10001 + attempt, 0x9e3779b1)) >>> 16, places) >>> 16;
      // Marked by its sign: what was taken is not handed on.
      least[place] = ~least[donor]!;
    }
  }

  return ({ members, target, offset }: { members: Uint32Array; target: Int32Array; offset: number }): void => {
    if (members.length === 0) return;
    if (throwInto(members) < places) fillEmpty();
    for (let band = 0; band < bandCount; band += 1) {
      let key = 0;
      for (let row = band * rows; row < (band + 1) * rows; row += 1) {
        key = Math.imul(key ^ least[row]!, 0x9e3779b1);
        key ^= key >>> 15;
      }
      target[offset + band] = mixed(key);
    }
  };
}
