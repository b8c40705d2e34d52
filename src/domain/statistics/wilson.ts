import { normalQuantile } from './distributions.js';

/**
 * Score interval of a share, two-sided (Wilson 1927).
 * @throws RangeError without trials.
 */
export function wilsonInterval({ successes, trials, level }: { successes: number; trials: number; level: number }): {
  low: number;
  high: number;
} {
  if (trials <= 0) throw new RangeError('interval of a share: expected at least one trial');
  const z = normalQuantile((1 + level) / 2);
  const share = successes / trials;
  const centre = share + (z * z) / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
}
