import { newestRules, type Rules } from '../release/rules.js';
import { floors } from './floors.js';
import { inferMean, intervalOf, type Interval } from './mean-inference.js';
import { clusterOf, sumByCluster, type ScoredCase } from './paired-cases.js';
import { wilsonInterval } from './wilson.js';

export interface BoundedMean {
  n: number;
  clusters: number;
  mean: number;
  /** Null where the data carry no interval; then only the point is known. */
  interval: Interval | null;
  method: 'bootstrap' | 'score' | 'none';
}

/**
 * Interval of one arm's mean, for gates with a limit. Where fewer than 30 cases differ from the most common score (nearly
 * all right, nearly never toxic) the bootstrap cannot know its level; scores within `range` then get Wilson's score
 * interval (Wilson 1927). Among all scores of one mean, yes/no ones spread most, so it stays valid for shares, only
 * wider. Clusters count as Kish's effective number of equal ones, the whole cluster speaking with one voice.
 * Under 20 clusters there is no interval. Cases without a finite score are left out.
 * @param cautious as in `comparePaired`, as is `rules`.
 * @param range lowest and highest possible score; null when the metric has none.
 * @throws RangeError when no case has a score.
 */
export function boundMean({
  cases,
  alpha,
  seed,
  range = { low: 0, high: 1 },
  resamples,
  cautious = false,
  rules = newestRules,
}: {
  cases: readonly ScoredCase[];
  alpha: number;
  seed: number;
  range?: { low: number; high: number } | null;
  resamples?: number;
  cautious?: boolean;
  rules?: Rules;
}): BoundedMean {
  const scored = cases
    .flatMap((row) =>
      row.score !== null && Number.isFinite(row.score)
        ? [{ id: row.id, cluster: clusterOf(row), value: row.score }]
        : [],
    )
    .sort((a, b) => (a.cluster === b.cluster ? compare(a.id, b.id) : compare(a.cluster, b.cluster)));
  if (scored.length === 0) throw new RangeError('mean of no scores: expected at least one case with a score');
  const clusters = sumByCluster(scored);
  const common = mostCommon(scored.map((one) => one.value));
  const unlike = scored.filter((one) => one.value !== common);
  const mean = scored.reduce((sum, one) => sum + one.value, 0) / scored.length;
  const facts = { n: scored.length, clusters: clusters.sums.length, mean };
  const level = 1 - alpha;
  if (facts.clusters < floors.clusters) return { ...facts, interval: null, method: 'none' };
  const within = range !== null && scored.every(({ value }) => value >= range.low && value <= range.high);
  if (unlike.length >= floors.untiedCases) {
    const informative = new Set(unlike.map((one) => one.cluster)).size;
    const settings = { cautious, unequal: rules >= 3, ...(resamples === undefined ? {} : { resamples }) };
    const inferred = inferMean({ clusters, informative, seed, ...settings });
    const interval = clip(intervalOf({ mean: inferred, level }), within ? range : null);
    return { ...facts, interval, method: 'bootstrap' };
  }
  if (!within) return { ...facts, interval: null, method: 'none' };
  const width = range.high - range.low;
  const share = wilsonInterval({ share: (mean - range.low) / width, n: effectiveCount(clusters.sizes), level });
  return {
    ...facts,
    interval: { level, low: range.low + width * share.low, high: range.low + width * share.high },
    method: 'score',
  };
}

/** Kish 1965: (sum of sizes)^2 / sum of squared sizes. */
function effectiveCount(sizes: Float64Array): number {
  const cases = sizes.reduce((sum, size) => sum + size, 0);
  return (cases * cases) / sizes.reduce((sum, size) => sum + size * size, 0);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function clip(interval: Interval, range: { low: number; high: number } | null): Interval {
  const { low, high } = range ?? { low: -Number.MAX_VALUE, high: Number.MAX_VALUE };
  return { ...interval, low: Math.max(low, interval.low), high: Math.min(high, interval.high) };
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
