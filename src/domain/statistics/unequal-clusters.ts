import type { ClusterSums } from './cluster-bootstrap.js';

/** The error of a mean over clusters of unequal size, and how many clusters' worth of knowledge it rests on. */
export interface StudentError {
  standardError: number;
  degrees: number;
}

/**
 * Standard error and degrees of freedom of a mean whose clusters differ in size: residuals corrected for what each
 * cluster has pulled the mean towards itself (Bell and McCaffrey 2002), degrees by Satterthwaite under a model in which
 * cases of a cluster correlate as they do in these data (Imbens and Kolesár 2016, section 4). A cluster with half of the
 * cases leaves one or two degrees, however many others there are; equal clusters leave their number less one.
 * @returns null where all clusters are of one size: then the plain error is this one.
 */
export function unequalClusters({ sums, sizes, squares }: ClusterSums & { squares: number }): StudentError | null {
  const count = sums.length;
  if (count < 2 || sizes.every((size) => size === sizes[0])) return null;
  const cases = total(sizes);
  const mean = total(sums) / cases;
  const shares = sizes.map((size) => size / cases);
  const residuals = sums.map((sum, g) => (sum - mean * sizes[g]!) ** 2 / (1 - shares[g]!));
  const correlation = correlationWithin({ sums, sizes, squares, mean });
  // Variance of each cluster's total under the model, but for a factor that cancels.
  const variances = sizes.map((size) => size * (1 - correlation) + size * size * correlation);
  return { standardError: Math.sqrt(total(residuals)) / cases, degrees: satterthwaite({ shares, variances }) };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** Correlation of two cases of one cluster, 0..1, by analysis of variance. */
export function correlationWithin({
  sums,
  sizes,
  squares,
  mean,
}: ClusterSums & { squares: number; mean: number }): number {
  const [count, cases] = [sums.length, total(sizes)];
  if (cases === count) return 0;
  const ofMeans = sums.reduce((sum, one, g) => sum + (one * one) / sizes[g]!, 0);
  const within = Math.max(0, squares - ofMeans) / (cases - count);
  const between = Math.max(0, ofMeans - cases * mean * mean) / (count - 1);
  const usualSize = (cases - sizes.reduce((sum, size) => sum + size * size, 0) / cases) / (count - 1);
  const shared = Math.max(0, between - within) / usualSize;
  return shared === 0 ? 0 : shared / (shared + within);
}

/**
 * (tr C)^2 / tr(C^2), C being the covariance of the corrected residuals: diagonal, less two and plus one matrix of rank
 * one, so that its traces are sums over clusters.
 */
function satterthwaite({ shares, variances }: { shares: Float64Array; variances: Float64Array }): number {
  const all = total(variances);
  let [trace, dd, xy, xx, yy, dxy, dxx] = [0, 0, 0, 0, 0, 0, 0];
  for (let g = 0; g < shares.length; g += 1) {
    const factor = 1 / Math.sqrt(1 - shares[g]!);
    const d = factor * factor * variances[g]!;
    const x = factor * shares[g]!;
    const y = factor * variances[g]!;
    trace += d - 2 * x * y + all * x * x;
    dd += d * d;
    xy += x * y;
    xx += x * x;
    yy += y * y;
    dxy += d * x * y;
    dxx += d * x * x;
  }
  const ofSquare = dd + 2 * xy * xy + 2 * xx * yy + (all * xx) ** 2 - 4 * dxy + 2 * all * dxx - 4 * all * xx * xy;
  return (trace * trace) / ofSquare;
}
