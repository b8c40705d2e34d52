/** Counts of one plan revision: first events of sticky-key buckets, split by arm. */
export interface SplitCounts {
  /** The challenger's share of buckets. */
  share: number;
  challenger: number;
  champion: number;
}

/** Alternatives to "the challenger's rate is at most `base` times the champion's", with the weight of each. */
export interface Mixture {
  base: number;
  ratios: Float64Array;
  logWeights: Float64Array;
  /** log(ratio / base) of each alternative. */
  logLifts: Float64Array;
  /** log((s ratio + 1 - s) / (s base + 1 - s)) by share s, once asked for: guards ask at every event. */
  logTotals: Map<number, Float64Array>;
}

const points = 60;
/** No alternative lies above it, so that the ratio up to which there is no harm must lie below. */
export const largestRatio = 50;
const expectedRatio = 3;
/** Of the sequential test: narrow enough to find three times the events soon, wide enough to find ten times as soon. */
const testSpread = 0.5;
/** Of an interval, which also has to speak of ratios far from 3, such as a better challenger's. */
export const intervalSpread = 0.7;

/**
 * The mixture of the sequential test (design, "Online"): 60 log-spaced ratios from just above `base` to 50, weighted
 * log-normally around 3 with standard deviation 0.5. All lie above `base`: an alternative below it would count a better
 * challenger as evidence of harm.
 * @param base the largest ratio that is no harm, 1 + margin; over 0 and under 50.
 * @param spread standard deviation of the weights on the log scale.
 */
export function mixtureAbove(base: number, spread = testSpread): Mixture {
  if (!(base > 0 && base < largestRatio))
    throw new RangeError(`ratio ${base}: expected over 0 and under ${largestRatio}; lower the guard's margin`);
  const step = Math.log(largestRatio / base) / points;
  const ratios = Float64Array.from({ length: points }, (_, k) => base * Math.exp(step * (k + 1)));
  const logs = ratios.map((ratio) => -(((Math.log(ratio) - Math.log(expectedRatio)) / spread) ** 2) / 2);
  const total = logSumExp(logs);
  const logLifts = ratios.map((ratio) => Math.log(ratio / base));
  return { base, ratios, logWeights: logs.map((one) => one - total), logLifts, logTotals: new Map() };
}

function logTotalsAt({ mixture, share }: { mixture: Mixture; share: number }): Float64Array {
  const { base, ratios, logTotals } = mixture;
  const known = logTotals.get(share);
  if (known) return known;
  const atBase = share * base + 1 - share;
  const fresh = ratios.map((ratio) => Math.log((share * ratio + 1 - share) / atBase));
  logTotals.set(share, fresh);
  return fresh;
}

/** log(sum(exp(values))) without overflow. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let index = 0; index < values.length; index += 1) largest = Math.max(largest, values[index]!);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += Math.exp(values[index]! - largest);
  return largest + Math.log(sum);
}

/**
 * Log likelihood ratio of each alternative against `base`, over all revisions. With share s and ratio r an event is the
 * challenger's with probability p(r) = s r / (s r + 1 - s), so that x of n events weigh
 * x log(r / base) - n log((s r + 1 - s) / (s base + 1 - s)). Revisions with everybody on one arm say nothing.
 */
export function logRatios({ mixture, counts }: { mixture: Mixture; counts: readonly SplitCounts[] }): Float64Array {
  const { logLifts } = mixture;
  const logs = new Float64Array(logLifts.length);
  for (const { share, challenger, champion } of counts) {
    const events = challenger + champion;
    if (share <= 0 || share >= 1 || events === 0) continue;
    const totals = logTotalsAt({ mixture, share });
    for (let k = 0; k < logs.length; k += 1) logs[k]! += challenger * logLifts[k]! - events * totals[k]!;
  }
  return logs;
}

/** Log of the mixture's e-value. */
export function logEvidence({ mixture, counts }: { mixture: Mixture; counts: readonly SplitCounts[] }): number {
  return logSumExp(logRatios({ mixture, counts }).map((log, k) => log + mixture.logWeights[k]!));
}

/** The same counts seen from the champion's side: ratio r becomes 1 / r. */
export const swapArms = ({ share, challenger, champion }: SplitCounts): SplitCounts => ({
  share: 1 - share,
  challenger: champion,
  champion: challenger,
});
