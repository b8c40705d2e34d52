import type { BootstrapMean } from './cluster-bootstrap.js';
import { seededRandom } from './random.js';

/** One cluster's totals: what people said, what the judge said of the same cases, and of those nobody labelled. */
export interface RectifiedCluster {
  label: number;
  judgeLabelled: number;
  labelled: number;
  judgeUnlabelled: number;
  unlabelled: number;
}

export interface RectifiedMean extends BootstrapMean {
  /** How much the judge counts, 0 to 1. */
  weight: number;
  /** Clusters with at least one label. */
  labelledClusters: number;
}

const columns = ['label', 'judgeLabelled', 'labelled', 'judgeUnlabelled', 'unlabelled'] as const;

/**
 * Prediction-powered mean: the judge's mean over the cases nobody labelled, put right by what people and judge said of
 * the labelled ones (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023), the judge weighted for the least error
 * (Angelopoulos, Duchi and Zrnic 2023, "PPI++", section 6). The error is the linearised one over clusters; the interval
 * is the studentised bootstrap over whole clusters, in which every resample weighs the judge anew. Labels must be of a
 * random part of the cases; then the mean is right whatever the judge's bias, which only costs width.
 * @throws RangeError without a label.
 */
export function rectifiedBootstrap({
  clusters,
  seed,
  resamples,
}: {
  clusters: readonly RectifiedCluster[];
  seed: number;
  resamples: number;
}): RectifiedMean {
  const count = clusters.length;
  const labelledClusters = clusters.filter((one) => one.labelled > 0).length;
  if (labelledClusters === 0) throw new RangeError('no case has a label: expected labels on a random part of them');
  const table = columns.map((column) => Float64Array.from(clusters, (one) => one[column]));
  const all = Int32Array.from({ length: count }, (_, index) => index);
  const seen = rectifiedMean({ table, drawn: all });
  // The weight is one more number that the labelled clusters had to give.
  const correction = Math.sqrt(labelledClusters / Math.max(1, labelledClusters - 2));
  const standardError = seen.error * correction;
  const endpoints = new Float64Array(resamples);
  const facts = { estimate: seen.mean, standardError, clusters: count, weight: seen.weight, labelledClusters };
  if (labelledClusters < 3) {
    endpoints.fill(-Infinity, 0, resamples / 2).fill(Infinity, resamples / 2);
    return { ...facts, standardError: Infinity, endpoints };
  }
  if (seen.error <= Math.abs(seen.mean) * 1e-12)
    return { ...facts, standardError: 0, endpoints: endpoints.fill(seen.mean) };
  const random = seededRandom(seed);
  const drawn = new Int32Array(count);
  for (let b = 0; b < resamples; b += 1) {
    for (let i = 0; i < count; i += 1) drawn[i] = random.index(count);
    const { mean, error } = rectifiedMean({ table, drawn });
    const shift = mean - seen.mean;
    // A resample without a label, or without spread, says nothing of the width: infinitely far, which only widens.
    const known = error > seen.error * 1e-9;
    endpoints[b] = known ? seen.mean - (seen.error * shift) / error : shift > 0 ? -Infinity : Infinity;
  }
  return { ...facts, endpoints: endpoints.sort() };
}

/** Mean, its error before the small-sample correction, and the judge's weight, over the clusters drawn. */
function rectifiedMean({ table, drawn }: { table: Float64Array[]; drawn: Int32Array }): {
  mean: number;
  error: number;
  weight: number;
} {
  const [label, judgeLabelled, labelled, judgeUnlabelled, unlabelled] = table as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let [y, f, n, u, m] = [0, 0, 0, 0, 0];
  for (const g of drawn) {
    y += label[g]!;
    f += judgeLabelled[g]!;
    n += labelled[g]!;
    u += judgeUnlabelled[g]!;
    m += unlabelled[g]!;
  }
  if (n === 0) return { mean: 0, error: 0, weight: 0 };
  const means = { y: y / n, f: f / n, u: m === 0 ? 0 : u / m };
  let [aa, ab, bb] = [0, 0, 0];
  for (const g of drawn) {
    const a = (label[g]! - means.y * labelled[g]!) / n;
    const rest = m === 0 ? 0 : (judgeUnlabelled[g]! - means.u * unlabelled[g]!) / m;
    const b = m === 0 ? 0 : rest - (judgeLabelled[g]! - means.f * labelled[g]!) / n;
    aa += a * a;
    ab += a * b;
    bb += b * b;
  }
  const weight = bb > 0 ? Math.min(1, Math.max(0, -ab / bb)) : 0;
  const mean = means.y + (m === 0 ? 0 : weight * (means.u - means.f));
  return { mean, weight, error: Math.sqrt(Math.max(0, aa + 2 * weight * ab + weight * weight * bb)) };
}
