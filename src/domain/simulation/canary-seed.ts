import { seededRandom } from '../statistics/random.js';

/**
 * The seed of one canary of a simulation: its own, so that the result depends neither on how many threads share the
 * work nor on which other scenarios run.
 */
export function canarySeed({ seed, scenario, run }: { seed: number; scenario: string; run: number }): number {
  const parts = [...[...scenario].map((letter) => letter.charCodeAt(0)), run];
  return parts.reduce(
    (mixed, part) => seededRandom(mixed ^ Math.imul(part + 1, 0x9e3779b1)).integer(),
    seededRandom(seed).integer(),
  );
}
