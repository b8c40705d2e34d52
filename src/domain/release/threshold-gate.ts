import type { ArtifactRef } from '../artifact-ref.js';
import type { ScoreRow } from '../evaluation/score-answers.js';
import { metricShape } from '../evaluation/scorers.js';
import type { GateSpec } from '../spec/evaluation-spec.js';
import { boundMean, type BoundedMean } from '../statistics/bounded-mean.js';
import { floors } from '../statistics/floors.js';
import { formatInterval, formatNames, formatNumber, formatReasons, formatShare } from '../statistics/format.js';
import { correctedMean, informOnly, takenAsCalibrated, type JudgedMetric } from './judged-metric.js';
import type { Interval } from '../statistics/mean-inference.js';
import type { Rules } from './rules.js';
import type { Verdict, VerdictKind } from './verdict.js';

interface Side {
  side: 'min' | 'max';
  limit: number;
  on: NonNullable<GateSpec['on']>;
}

/**
 * The verdicts of one absolute gate, one for each limit it names. On the bound that makes passing harder the gate fails
 * only when the whole interval lies beyond the limit; in between the cases don't say, and it is inconclusive. A judge's
 * yes/no rate is corrected by its calibration first; a judge that may only inform decides nothing.
 * @returns both ends of the interval too, where the scores carry one; a verdict has only the end that decided.
 */
export function decideThreshold({
  gate,
  rows,
  alpha,
  unmeasuredLimit,
  seed,
  evidence,
  resamples,
  cautious = false,
  interim = false,
  rules = 1,
  judged,
}: {
  gate: GateSpec;
  /** The challenger's scores of the gate's metric. */
  rows: readonly ScoreRow[];
  alpha: number;
  unmeasuredLimit: number;
  seed: number;
  evidence: ArtifactRef | null;
  resamples?: number;
  cautious?: boolean;
  /** Whether more cases follow: then a gate on the point fails only where its interval does. */
  interim?: boolean;
  /** By which rules the bound is found; 1 where none are named. */
  rules?: Rules | undefined;
  /** Where a judge scored the metric. */
  judged?: JudgedMetric | undefined;
}): { verdicts: Verdict[]; interval: Interval | null } {
  const { metric, min, max } = gate;
  const sides: Side[] = [
    ...(min === undefined ? [] : [{ side: 'min', limit: min, on: gate.on ?? 'lowerBound' } as const]),
    ...(max === undefined ? [] : [{ side: 'max', limit: max, on: gate.on ?? 'upperBound' } as const]),
  ];
  const missing = rows.filter((row) => row.score === null);
  const share = rows.length === 0 ? 1 : missing.length / rows.length;
  const unmeasured =
    rows.length === 0
      ? `no score of ${metric}`
      : `${missing.length} of ${rows.length} cases (${formatShare(share)}) unmeasured > ${formatShare(unmeasuredLimit)}: ${namesOf({ missing, rules })}`;
  const known = missing.length < rows.length;
  const { range } = metricShape(metric);
  const settings = { alpha, seed, ...(resamples === undefined ? {} : { resamples }) };
  const plainMean = known ? boundMean({ cases: rows, range, cautious, rules, ...settings }) : null;
  const correction = judged && plainMean && correctedMean({ cases: rows, mean: plainMean, judged, ...settings });
  const refused = correction && 'refused' in correction ? correction.refused : null;
  const mean = correction && 'mean' in correction ? correction.mean : plainMean;
  const verdicts = sides.map((side): Verdict => {
    const name = `${metric} ${side.side === 'min' ? '>=' : '<='} ${formatNumber(side.limit)}`;
    const value = mean?.mean ?? null;
    const plain = { gate: name, value, limit: side.limit, n: mean?.n ?? 0, seed, evidence };
    if (mean === null || share > unmeasuredLimit)
      return { ...plain, verdict: 'unmeasured', reason: unmeasured, bound: null };
    const bound = boundOf({ mean, on: side.on });
    if (refused !== null) return { ...plain, verdict: 'unmeasured', reason: `${metric}: ${refused}`, bound };
    return { ...plain, bound, ...judge({ mean, bound, side, metric, interim, range: rules >= 4 ? range : null }) };
  });
  const interval = refused === null ? (mean?.interval ?? null) : null;
  if (judged === undefined) return { verdicts, interval };
  const rests = correction && 'reason' in correction ? correction.reason : takenAsCalibrated(judged);
  const explained = verdicts.map((verdict) => {
    if (verdict.verdict === 'unmeasured') return verdict;
    if (judged.standing === 'informs') return informOnly({ verdict, judged });
    return { ...verdict, reason: `${verdict.reason}; ${rests}` };
  });
  return { verdicts: explained, interval };
}

/** Which cases are missing, and why; by rules before 4 each with a reason of its own. */
function namesOf({ missing, rules }: { missing: readonly ScoreRow[]; rules: Rules }): string {
  const named = missing.map(({ id, reason }) => ({ id, reason: reason ?? 'no score' }));
  return rules >= 4 ? formatReasons(named) : formatNames(named.map(({ id, reason }) => `${id} (${reason})`));
}

function boundOf({ mean, on }: { mean: BoundedMean; on: Side['on'] }): number | null {
  if (on === 'point') return mean.mean;
  return mean.interval && (on === 'lowerBound' ? mean.interval.low : mean.interval.high);
}

function judge({
  mean,
  bound,
  side: { side, limit, on },
  metric,
  interim,
  range,
}: {
  mean: BoundedMean;
  bound: number | null;
  side: Side;
  metric: string;
  interim: boolean;
  /** Of the scores; null where what is missing is told by the root of their number alone, as rules before 4 did. */
  range: { low: number; high: number } | null;
}): { verdict: VerdictKind; reason: string } {
  const { interval, n, clusters } = mean;
  const words = { point: 'mean', lowerBound: 'lower bound', upperBound: 'upper bound' }[on];
  const around = interval ? `, ${formatInterval(interval)}` : '';
  const seen = `mean ${formatNumber(mean.mean)}${around}, ${n} cases in ${clusters} clusters`;
  if (bound === null) {
    const few = clusters < floors.clusters ? `${clusters} clusters < ${floors.clusters}` : 'too few cases differ';
    return { verdict: 'inconclusive', reason: `${metric}: no interval to decide on, ${few}; ${seen}` };
  }
  const passes = side === 'min' ? bound >= limit : bound <= limit;
  const [yes, no] = side === 'min' ? ['>=', '<'] : ['<=', '>'];
  const said = `${metric}: ${words} ${formatNumber(bound)} ${passes ? yes : no} ${formatNumber(limit)}; ${seen}`;
  if (passes) return { verdict: 'pass', reason: said };
  const hopeful = side === 'min' ? (interval?.high ?? -Infinity) >= limit : (interval?.low ?? Infinity) <= limit;
  if (interim && on === 'point' && hopeful)
    return { verdict: 'inconclusive', reason: `${said}; the cases that follow may put it right` };
  if (on === 'point' || !hopeful) return { verdict: 'fail', reason: said };
  return { verdict: 'inconclusive', reason: said + mend({ mean, bound, limit, side, range }) };
}

/**
 * How many more cases would let this mean pass: the distance to the bound shrinks with the root of their number, and that
 * of a score interval also with how far a share at the bound may spread.
 */
function mend({
  mean,
  bound,
  limit,
  side,
  range,
}: {
  mean: BoundedMean;
  bound: number;
  limit: number;
  side: Side['side'];
  range: { low: number; high: number } | null;
}): string {
  const room = side === 'min' ? mean.mean - limit : limit - mean.mean;
  if (room <= 0) return '; the mean itself would have to improve';
  const ratio = Math.abs(mean.mean - bound) / room;
  const spread = (at: number): number => (range === null ? 0 : (at - range.low) * (range.high - at));
  const scale = mean.method === 'score' && spread(bound) > 0 ? spread(limit) / spread(bound) : 1;
  const more = Math.ceil(mean.n * ratio * ratio * scale - 1e-9) - mean.n;
  return `; needs about ${Math.max(1, more)} more cases to show that this mean is enough`;
}
