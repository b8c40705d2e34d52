import type { ArtifactRef } from '../artifact-ref.js';
import type { ScoreRow } from '../evaluation/score-answers.js';
import { metricShape } from '../evaluation/scorers.js';
import type { EvaluationSpec, GateSpec } from '../spec/evaluation-spec.js';
import { comparePaired, type Comparison } from '../statistics/compare-paired.js';
import type { Claim } from '../statistics/contrast.js';
import { formatNames, formatShare } from '../statistics/format.js';
import { pairCases } from '../statistics/paired-cases.js';
import { decideThreshold } from './threshold-gate.js';
import { worstVerdict, type Verdict, type VerdictKind } from './verdict.js';

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
}

export interface GateComparison {
  gate: string;
  metric: string;
  against: 'champion' | 'baseline';
  /** Null where no case was scored on both arms. */
  result: Comparison | null;
}

export interface GatesResult {
  verdict: VerdictKind;
  verdicts: Verdict[];
  comparisons: GateComparison[];
}

/**
 * Decides on a challenger: absolute gates, the baseline, the primary metrics and guardrails against the champion, and the
 * share that could not be measured. Every gate at `alpha`; all must pass.
 */
export function decideGates(input: GatesInput): GatesResult {
  const { evidence, seed } = input;
  const thresholds = input.gates.flatMap((gate) =>
    decideThreshold({ gate, rows: rowsOf(input.scores, gate.metric), ...input }),
  );
  const compared = claimsOf(input).map((one) => ({ ...one, ...compare({ ...one, input }) }));
  const metrics = [...new Set([...input.gates.map((gate) => gate.metric), ...compared.map((one) => one.metric)])];
  const verdicts = [
    ...thresholds,
    ...compared.map(({ gate, result, verdict, reason }): Verdict => {
      const { estimate, low, boundary } = result?.contrast ?? { estimate: null, low: null, boundary: null };
      return { gate, verdict, reason, value: estimate, bound: low, limit: boundary, n: result?.n ?? 0, seed, evidence };
    }),
    unmeasuredGate({ metrics, ...input }),
  ];
  return {
    verdict: worstVerdict(verdicts),
    verdicts,
    comparisons: compared.map(({ gate, metric, against, result }) => ({ gate, metric, against, result })),
  };
}

const rowsOf = (rows: readonly ScoreRow[], metric: string): ScoreRow[] => rows.filter((row) => row.metric === metric);

interface GateClaim {
  gate: string;
  metric: string;
  against: GateComparison['against'];
  other: readonly ScoreRow[];
  claim: Claim;
}

/** What the challenger has to show against whom. A refresh must not lose on its primary metrics; it need not win. */
function claimsOf({ comparison, baselineScores, championScores }: GatesInput): GateClaim[] {
  const { decision, primary, nonInferiorityMargin, guardrails } = comparison;
  const claims: GateClaim[] = [];
  const add = ({ gate, metric, ...rest }: Omit<GateClaim, 'claim'> & { claim: Omit<Claim, 'better'> }): void => {
    claims.push({
      gate: `${gate} ${metric}`,
      metric,
      ...rest,
      claim: { ...rest.claim, better: metricShape(metric).better },
    });
  };
  if (baselineScores)
    for (const { metric } of primary) {
      const claim = { decision: 'superior', kind: 'absolute', size: 0 } as const;
      add({ gate: 'baseline', metric, against: 'baseline', other: baselineScores, claim });
    }
  if (championScores === null) return claims;
  const champion = { against: 'champion', other: championScores } as const;
  for (const { metric, kind, minimumEffect } of primary) {
    const claim =
      decision === 'superior'
        ? ({ decision, kind, size: minimumEffect } as const)
        : ({ decision, kind: 'relative', size: nonInferiorityMargin } as const);
    add({ gate: decision, metric, ...champion, claim });
  }
  for (const { metric, kind, margin } of guardrails)
    add({ gate: 'guardrail', metric, ...champion, claim: { decision: 'nonInferior', kind, size: margin } });
  return claims;
}

function compare({ metric, against, other, claim, input }: GateClaim & { input: GatesInput }): {
  result: Comparison | null;
  verdict: VerdictKind;
  reason: string;
} {
  const cases = pairCases({ champion: rowsOf(other, metric), challenger: rowsOf(input.scores, metric) });
  const missing = cases.unmeasured;
  const total = cases.pairs.length + missing.length;
  if (cases.pairs.length === 0) {
    const reason = total === 0 ? `no score of ${metric}` : `no case has a score on both arms: ${missing[0]!.reason}`;
    return { result: null, verdict: 'unmeasured', reason };
  }
  const { alpha, seed, resamples } = input;
  const result = comparePaired({ cases, claim, alpha, seed, ...(resamples === undefined ? {} : { resamples }) });
  const versus = against === 'baseline' ? result.reason.replaceAll('champion', 'baseline') : result.reason;
  const share = missing.length / total;
  if (share <= input.unmeasuredLimit) return { result, verdict: result.verdict, reason: versus };
  const names = formatNames(missing.map((one) => `${one.id} (${one.reason})`));
  return {
    result,
    verdict: 'unmeasured',
    reason: `${missing.length} of ${total} cases (${formatShare(share)}) unmeasured > ${formatShare(input.unmeasuredLimit)}: ${names}`,
  };
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
