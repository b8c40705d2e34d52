import type { ScoreRow } from '../evaluation/score-answers.js';
import { metricShape } from '../evaluation/scorers.js';
import { comparePaired, type Comparison } from '../statistics/compare-paired.js';
import { compareRectified, type RectifiedComparison } from '../statistics/compare-rectified.js';
import type { Claim } from '../statistics/contrast.js';
import { formatNames, formatReasons, formatShare } from '../statistics/format.js';
import { pairCases } from '../statistics/paired-cases.js';
import type { GateComparison, GatesInput } from './gates.js';
import { rulesOf } from './rules.js';
import { informOnly, labelPairs, takenAsCalibrated, type JudgedMetric } from './judged-metric.js';
import type { Verdict, VerdictKind } from './verdict.js';

export const rowsOf = (rows: readonly ScoreRow[], metric: string): ScoreRow[] =>
  rows.filter((row) => row.metric === metric);

/** Every comparison that the spec asks for, each with its verdict. */
export function compareArms(input: GatesInput): (GateComparison & { verdict: Verdict })[] {
  const { evidence, seed } = input;
  return claimsOf(input).map((one) => {
    const { gate, metric, against } = one;
    const { result, verdict: kind, reason } = compare({ ...one, input });
    const { estimate, low, boundary } = result?.contrast ?? { estimate: null, low: null, boundary: null };
    const n = result?.n ?? 0;
    const verdict: Verdict = {
      ...{ gate, verdict: kind, reason, value: estimate, bound: low, limit: boundary, n, seed, evidence },
    };
    const judged = input.judged?.find((known) => known.metric === metric);
    if (judged === undefined || result === null || kind === 'unmeasured')
      return { gate, metric, against, result, verdict };
    const rectified = against === 'champion' ? rectify({ ...one, input, judged }) : null;
    if (rectified !== null) {
      const { contrast } = rectified;
      const decided = { verdict: rectified.verdict, reason: rectified.reason };
      const numbers = { value: contrast.estimate, bound: contrast.low, limit: contrast.boundary };
      return { gate, metric, against, result, rectified, verdict: { ...verdict, ...decided, ...numbers } };
    }
    const alone =
      judged.standing === 'informs'
        ? informOnly({ verdict, judged })
        : { ...verdict, reason: `${reason}; ${takenAsCalibrated(judged)}` };
    return { gate, metric, against, result, verdict: alone };
  });
}

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
  const result = comparePaired({ cases, claim, ...settingsOf(input) });
  const versus = against === 'baseline' ? result.reason.replaceAll('champion', 'baseline') : result.reason;
  const share = missing.length / total;
  if (share <= input.unmeasuredLimit) return { result, verdict: result.verdict, reason: versus };
  const names =
    rulesOf(input) >= 4 ? formatReasons(missing) : formatNames(missing.map((one) => `${one.id} (${one.reason})`));
  return {
    result,
    verdict: 'unmeasured',
    reason: `${missing.length} of ${total} cases (${formatShare(share)}) unmeasured > ${formatShare(input.unmeasuredLimit)}: ${names}`,
  };
}

const settingsOf = ({ alpha, seed, resamples, cautious = false, ...recorded }: GatesInput) => ({
  ...{ alpha, seed, cautious, rules: rulesOf(recorded) },
  ...(resamples === undefined ? {} : { resamples }),
});

/** The comparison put right by labels; null where there are too few to decide. */
function rectify({
  metric,
  other,
  claim,
  input,
  judged: { labels, unchanged },
}: GateClaim & {
  input: GatesInput;
  judged: Pick<JudgedMetric, 'labels' | 'unchanged'>;
}): RectifiedComparison | null {
  const { pairs } = pairCases({ champion: rowsOf(other, metric), challenger: rowsOf(input.scores, metric) });
  const labelled = labelPairs({ pairs, labels, unchanged });
  return labelled && compareRectified({ pairs: labelled, claim, ...settingsOf(input) });
}
