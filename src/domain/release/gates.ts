import type { ArtifactRef } from '../artifact-ref.js';
import type { ScoreRow } from '../evaluation/score-answers.js';
import type { EvaluationSpec, GateSpec } from '../spec/evaluation-spec.js';
import type { Comparison } from '../statistics/compare-paired.js';
import type { RectifiedComparison } from '../statistics/compare-rectified.js';
import { formatNames, formatShare } from '../statistics/format.js';
import type { Interval } from '../statistics/mean-inference.js';
import { compareArms, rowsOf } from './gate-comparisons.js';
import type { JudgedMetric } from './judged-metric.js';
import type { Rules } from './rules.js';
import { decideThreshold } from './threshold-gate.js';
import { worstVerdict, type Verdict, type VerdictKind } from './verdict.js';
import { withWhatWouldChange } from './what-would-change.js';

/** Everything the decision about a challenger rests on; the same input gives the same decision, bit for bit. */
export interface GatesInput {
  /** Absolute gates, the preset's with the spec's own: see `gatesOf`. */
  gates: readonly GateSpec[];
  comparison: Pick<EvaluationSpec, 'decision' | 'primary' | 'nonInferiorityMargin' | 'guardrails'>;
  /** The challenger's raw scores. */
  scores: readonly ScoreRow[];
  /** The non-LLM baseline's, which must be beaten on each primary metric; null where the spec names none. */
  baselineScores: readonly ScoreRow[] | null;
  /** The champion's on the same cases; null before the first champion. */
  championScores: readonly ScoreRow[] | null;
  alpha: number;
  unmeasuredLimit: number;
  seed: number;
  /** Where the raw scores lie. */
  evidence: ArtifactRef | null;
  resamples?: number;
  /** The metrics that a judge scored, and what may be made of it; the others are measured. */
  judged?: readonly JudgedMetric[];
  /** By which rules reasons are given; 1 where none are named, as in what version 0.1.0 recorded. */
  rules?: Rules;
  /** For the looks of a sequential plan: takes Student's t into account at any size. */
  cautious?: boolean;
  /** Whether more cases follow: a mean on the wrong side of its limit by chance alone then fails nothing yet. */
  interim?: boolean;
}

export interface GateComparison {
  gate: string;
  metric: string;
  against: 'champion' | 'baseline';
  /** Null where no case was scored on both arms. */
  result: Comparison | null;
  /** What decided instead where people labelled both arms of a judged metric. */
  rectified?: RectifiedComparison;
}

export interface GatesResult {
  verdict: VerdictKind;
  verdicts: Verdict[];
  comparisons: GateComparison[];
  /** Both ends of what each gate was decided on, by its name; gates without an interval are not in it. */
  intervals: Record<string, Interval>;
}

/**
 * Decides on a challenger: absolute gates, the baseline, the primary metrics and guardrails against the champion, and the
 * share that could not be measured. Every gate at `alpha`; all must pass.
 */
export function decideGates(input: GatesInput): GatesResult {
  const thresholds = input.gates.map((gate) =>
    decideThreshold({
      ...input,
      gate,
      rows: rowsOf(input.scores, gate.metric),
      judged: input.judged?.find((one) => one.metric === gate.metric),
    }),
  );
  const compared = compareArms(input);
  const metrics = [...new Set([...input.gates.map((gate) => gate.metric), ...compared.map((one) => one.metric)])];
  const plain = [
    ...thresholds.flatMap((one) => one.verdicts),
    ...compared.map((one) => one.verdict),
    unmeasuredGate({ metrics, ...input }),
  ];
  const verdicts = (input.rules ?? 1) >= 2 ? plain.map(withWhatWouldChange) : plain;
  return {
    verdict: worstVerdict(verdicts),
    verdicts,
    comparisons: compared.map(({ gate, metric, against, result, rectified }) => ({
      ...{ gate, metric, against, result },
      ...(rectified && { rectified }),
    })),
    intervals: intervalsOf({ thresholds, compared, level: 1 - input.alpha }),
  };
}

function intervalsOf({
  thresholds,
  compared,
  level,
}: {
  thresholds: readonly ReturnType<typeof decideThreshold>[];
  compared: ReturnType<typeof compareArms>;
  level: number;
}): GatesResult['intervals'] {
  const known = [
    ...thresholds.flatMap(({ verdicts, interval }) => verdicts.map(({ gate }) => ({ gate, interval }))),
    ...compared.map(({ gate, result, rectified, verdict }) => {
      // Too few pairs to decide anything leave ends that mean nothing.
      const contrast = verdict.verdict === 'unmeasured' ? undefined : (rectified?.contrast ?? result?.contrast);
      return { gate, interval: contrast ? { level, low: contrast.low, high: contrast.high } : null };
    }),
  ];
  return Object.fromEntries(known.flatMap(({ gate, interval }) => (interval ? [[gate, interval] as const] : [])));
}

/** The share of the challenger's cases without a score, for the metric that lacks most. */
function unmeasuredGate({
  metrics,
  scores,
  unmeasuredLimit,
  evidence,
}: Pick<GatesInput, 'scores' | 'unmeasuredLimit' | 'evidence'> & { metrics: readonly string[] }): Verdict {
  const shares = metrics.map((metric) => {
    const rows = rowsOf(scores, metric);
    const missing = rows.filter((row) => row.score === null);
    return { metric, n: rows.length, missing, share: rows.length === 0 ? 1 : missing.length / rows.length };
  });
  const plain = { gate: 'unmeasured', bound: null, limit: unmeasuredLimit, evidence };
  const [first, ...others] = shares;
  if (first === undefined)
    return { ...plain, verdict: 'unmeasured', reason: 'no gate names a metric', value: null, n: 0 };
  const worst = others.reduce((most, one) => (one.share > most.share ? one : most), first);
  const within = worst.share <= unmeasuredLimit;
  const names = worst.missing.length === 0 ? '' : `: ${formatNames(worst.missing.map((row) => row.id))}`;
  const counted =
    worst.n === 0
      ? `no score of ${worst.metric}`
      : `${worst.missing.length} of ${worst.n} cases of ${worst.metric}${names}`;
  return {
    ...plain,
    verdict: within ? 'pass' : 'unmeasured',
    reason: `${formatShare(worst.share)} unmeasured ${within ? '<=' : '>'} ${formatShare(unmeasuredLimit)}, ${counted}`,
    value: worst.share,
    n: worst.n,
  };
}
