import { seededRandom } from './random.js';

/** Cases that belong together, summed: all that the bootstrap of a mean needs to know of a cluster. */
export interface ClusterSums {
  /** Sum of the values in each cluster. */
  sums: Float64Array;
  /** Number of cases in each cluster. */
  sizes: Float64Array;
}

export interface BootstrapMean {
  /** Mean over all cases. */
  estimate: number;
  /** Its standard error, clusters being the independent units. */
  standardError: number;
  clusters: number;
  /** The confidence distribution: one possible true mean a resample, rising. */
  endpoints: Float64Array;
}

export const defaultResamples = 10_000;

/** What one resample adds up to: residuals, their squares, cases, and the two cross sums that the error needs. */
type Resample = (sums: Float64Array) => void;

/**
 * Studentised cluster bootstrap of a mean over cases (Efron and Tibshirani 1993, section 12.5; whole clusters are drawn
 * as in Davison and Hinkley 1997, section 3.8; the standard error is the linearised one of a ratio of cluster totals).
 * @param seed the same seed and the same clusters in the same order give the same bits on any machine.
 * One cluster alone shows no spread: every end is infinite then.
 * @throws RangeError without a cluster.
 */
export function clusterBootstrap({
  clusters,
  seed,
  resamples = defaultResamples,
}: {
  clusters: ClusterSums;
  seed: number;
  resamples?: number;
}): BootstrapMean {
  const count = clusters.sums.length;
  if (count === 0) throw new RangeError('bootstrap over no clusters: expected at least one case with a score');
  const cases = total(clusters.sizes);
  const estimate = total(clusters.sums) / cases;
  const residuals = clusters.sums.map((sum, g) => sum - estimate * clusters.sizes[g]!);
  const endpoints = new Float64Array(resamples);
  if (count === 1) {
    endpoints.fill(-Infinity, 0, resamples / 2).fill(Infinity, resamples / 2);
    return { estimate, standardError: Infinity, clusters: count, endpoints };
  }
  const correction = count / (count - 1);
  const standardError = Math.sqrt(correction * total(residuals.map((one) => one * one))) / cases;
  // Values that are equal up to rounding have no spread worth dividing by.
  if (standardError <= Math.abs(estimate) * 1e-12)
    return { estimate, standardError: 0, clusters: count, endpoints: endpoints.fill(estimate) };

  const draw = resampler({ residuals, sizes: clusters.sizes, seed });
  const sums = new Float64Array(5);
  for (let b = 0; b < resamples; b += 1) {
    draw(sums);
    const n = sums[2]!;
    const shift = sums[0]! / n;
    const spread = Math.max(0, sums[1]! - 2 * shift * sums[3]! + shift * shift * sums[4]!);
    const resampledError = Math.sqrt(correction * spread) / n;
    endpoints[b] = endpoint({ estimate, standardError, shift, resampledError });
  }
  return { estimate, standardError, clusters: count, endpoints: endpoints.sort() };
}

/** Left to right, so that the last bit is the same whoever adds. */
function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Draws as many clusters as there are, with replacement; clusters of one size need two sums instead of five. */
function resampler({
  residuals,
  sizes,
  seed,
}: {
  residuals: Float64Array;
  sizes: Float64Array;
  seed: number;
}): Resample {
  const count = residuals.length;
  const random = seededRandom(seed);
  const size = sizes[0]!;
  if (sizes.every((one) => one === size))
    return (out) => {
      let r = 0;
      let rr = 0;
      for (let draw = 0; draw < count; draw += 1) {
        const residual = residuals[random.index(count)]!;
        r += residual;
        rr += residual * residual;
      }
      const n = count * size;
      out[0] = r;
      out[1] = rr;
      out[2] = n;
      out[3] = r * size;
      out[4] = n * size;
    };
  return (out) => {
    out.fill(0);
    for (let draw = 0; draw < count; draw += 1) {
      const g = random.index(count);
      const residual = residuals[g]!;
      const drawn = sizes[g]!;
      out[0]! += residual;
      out[1]! += residual * residual;
      out[2]! += drawn;
      out[3]! += residual * drawn;
      out[4]! += drawn * drawn;
    }
  };
}

/** A resample without any spread says nothing about the width; it is counted as infinitely far, which only widens. */
function endpoint({
  estimate,
  standardError,
  shift,
  resampledError,
}: {
  estimate: number;
  standardError: number;
  shift: number;
  resampledError: number;
}): number {
  const flat = resampledError <= standardError * 1e-9;
  if (!flat) return estimate - (standardError * shift) / resampledError;
  return shift > 0 ? -Infinity : Infinity;
}
