import { seededRandom } from './random.js';

/**
 * Draws from beta distributions, all from one seed: X / (X + Y) of two gamma variables, each by Marsaglia and Tsang 2000.
 * @returns a function of both shapes, each over 0.
 */
export function betaDraws(seed: number): (shapes: { a: number; b: number }) => number {
  const random = seededRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * Math.pow(1 - random.uniform(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return ({ a, b }) => {
    const x = gamma(a);
    return x / (x + gamma(b));
  };
}
