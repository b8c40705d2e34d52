import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers that is the same on every machine for the same seed. Integers and exact division only. */
export interface SeededRandom {
  /** An integer from 0 to 2^32 - 1. */
  integer(): number;
  /** A number from 0 up to, not including, 1. */
  uniform(): number;
  /** An integer from 0 to `count` - 1; off from evenly spread by less than `count` / 2^32. */
  index(count: number): number;
}

const warmUpDraws = 32;
const scale = 2 ** -32;

/**
 * Opens the stream of a seed (xoroshiro128+, Blackman and Vigna 2018).
 * @param seed any safe integer; its lower and upper 32 bits both count.
 * @throws RangeError when the seed is not a safe integer.
 */
export function seededRandom(seed: number): SeededRandom {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed}: expected a whole number up to 2^53`);
  const high = Math.floor(seed / 2 ** 32) | 0;
  const generator = xoroshiro128plus((seed | 0) ^ Math.imul(high, 0x9e3779b1));
  // Neighbouring seeds start from states that differ in few bits; the first draws still show it.
  for (let draw = 0; draw < warmUpDraws; draw += 1) generator.next();
  const integer = (): number => generator.next() >>> 0;
  return {
    integer,
    uniform: () => integer() * scale,
    index: (count) => Math.floor(integer() * scale * count),
  };
}
