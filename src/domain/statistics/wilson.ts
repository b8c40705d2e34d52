import { normalQuantile } from './distributions.js';

/**
 * Score interval of a share seen in `n` independent trials, two-sided (Wilson 1927).
 * @param n may be an effective number of trials, and so no whole one.
 * @throws RangeError without trials.
 */
export function wilsonInterval({ share, n, level }: { share: number; n: number; level: number }): {
  low: number;
  high: number;
} {
  if (!(n > 0)) throw new RangeError(`interval of a share in ${n} trials: expected more than none`);
  const z = normalQuantile(1 - (1 - level) / 2);
  const centre = share + (z * z) / (2 * n);
  const reach = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return { low: Math.max(0, (centre - reach) / scale), high: Math.min(1, (centre + reach) / scale) };
}
