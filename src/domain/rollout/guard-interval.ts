import { intervalSpread, logEvidence, mixtureAbove, swapArms, type SplitCounts } from './guard-mixture.js';

export interface RatioInterval {
  level: number;
  low: number;
  /** Null: no ratio is too large to be ruled out. */
  high: number | null;
}

/** Two-sided level of the intervals that non-inferiority is read from, where nobody asks for another. */
export const usualIntervalAlpha = 0.05;

const smallest = 1e-6;
const largest = 49;

/**
 * Interval for the ratio of challenger to champion event rate that holds at every look at once (Howard et al. 2021,
 * section 6, by inversion of the mixture). Two-sided: each end is a one-sided test at half of alpha. The low end is the
 * smallest r_0 for which "r <= r_0" stands; the high end is the same seen with the arms changed. All counts since the
 * canary began take part; the clocks that start later do not, since they serve speed.
 */
export function ratioInterval({ counts, alpha }: { counts: readonly SplitCounts[]; alpha: number }): RatioInterval {
  const low = lowerEnd(counts, alpha / 2);
  const inverse = lowerEnd(counts.map(swapArms), alpha / 2);
  return { level: 1 - alpha, low, high: inverse === 0 ? null : 1 / inverse };
}

/** Bisection on the log scale: the evidence against "r <= base" falls as the base rises. */
function lowerEnd(counts: readonly SplitCounts[], alpha: number): number {
  const threshold = -Math.log(alpha);
  const rejected = (base: number): boolean =>
    logEvidence({ mixture: mixtureAbove(base, intervalSpread), counts }) >= threshold;
  if (!rejected(smallest)) return 0;
  if (rejected(largest)) return largest;
  let [from, to] = [Math.log(smallest), Math.log(largest)];
  for (let step = 0; step < 45; step += 1) {
    const middle = (from + to) / 2;
    if (rejected(Math.exp(middle))) from = middle;
    else to = middle;
  }
  return Math.exp(from);
}
