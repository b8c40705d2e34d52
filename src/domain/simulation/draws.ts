import { seededRandom, type SeededRandom } from '../statistics/random.js';

/** Draws for simulations, all from one seed. */
export interface Draws extends SeededRandom {
  normal(): number;
  chance(p: number): boolean;
  /** How many failures come before the first success of probability `p`; Infinity for 0. */
  gap(p: number): number;
  /** Successes of `trials` with probability `p`; the time is that of the rarer outcome. */
  successes(input: { trials: number; p: number }): number;
}

/** @throws RangeError when the seed is not a safe integer. */
export function draws(seed: number): Draws {
  const random = seededRandom(seed);
  const uniform = (): number => random.uniform();
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const gap = (p: number): number => {
    if (p <= 0) return Infinity;
    return p >= 1 ? 0 : Math.floor(Math.log(1 - uniform()) / Math.log1p(-p));
  };
  const successes = ({ trials, p }: { trials: number; p: number }): number => {
    if (p > 0.5) return trials - successes({ trials, p: 1 - p });
    let found = 0;
    for (let at = gap(p); at < trials; at += 1 + gap(p)) found += 1;
    return found;
  };
  return { ...random, normal, gap, successes, chance: (p) => uniform() < p };
}
