import { decideOnScores, type ArmScores } from '../evaluation/judge-answers.js';
import { metricShape } from '../evaluation/scorers.js';
import type { GatesInput } from '../release/gates.js';
import { rulesOf } from '../release/rules.js';
import type { Verdict } from '../release/verdict.js';
import type { EvaluationSpec } from '../spec/evaluation-spec.js';
import { boundMean } from '../statistics/bounded-mean.js';

export interface GateInterval {
  low: number;
  high: number;
  level: number;
}

const threshold = /^(\S+) (?:>=|<=) /;

/**
 * Both ends of every gate's interval. A verdict carries only the end that decided; the other is found again from the
 * scores by the same method and seed. Where it does not come out at the recorded end (a judge's rate that was corrected
 * by labels, or an early look) there is none to show.
 */
export function gateIntervals({
  spec,
  scores,
  seed,
  verdicts,
  alpha = spec.alpha,
  ...known
}: {
  spec: EvaluationSpec;
  scores: ArmScores;
  seed: number;
  verdicts: readonly Verdict[];
  /** Of the look that decided; the spec's own without. */
  alpha?: number;
  leftOut?: readonly string[];
} & Pick<GatesInput, 'judged' | 'rules'>): Map<string, GateInterval> {
  const level = 1 - alpha;
  const { comparisons } = decideOnScores({ ...known, spec: { ...spec, alpha }, scores, seed, evidence: null });
  const found = new Map<string, GateInterval>();
  for (const { gate, bound, value } of verdicts) {
    if (value === null) continue;
    const compared = comparisons.find((one) => one.gate === gate);
    const contrast = compared?.rectified?.contrast ?? compared?.result?.contrast;
    const metric = threshold.exec(gate)?.[1];
    const rows = metric === undefined ? [] : scores.challenger.filter((row) => row.metric === metric);
    const interval =
      contrast ??
      (rows.some((row) => row.score !== null)
        ? boundMean({ cases: rows, range: metricShape(metric!).range, alpha, seed, rules: rulesOf(known) }).interval
        : null);
    if (interval && [interval.low, interval.high, value].includes(bound ?? value))
      found.set(gate, { low: interval.low, high: interval.high, level });
  }
  return found;
}
