import { decideLook, type LookDecision, type PlannedLook } from '../release/early-stop.js';
import { decideGates, type GatesInput, type GatesResult } from '../release/gates.js';
import { flagBehaviourChange, flagDiversityLoss, flagPositionBias, type Flag } from '../release/review-flags.js';
import type { GoldenCase } from '../dataset/golden.js';
import { newestRules } from '../release/rules.js';
import type { EvaluationSpec } from '../spec/evaluation-spec.js';
import type { ModelSpec } from '../spec/model-spec.js';
import type { ArtifactRef } from '../artifact-ref.js';
import type { ReportEvaluation } from '../report/report-input.js';
import type { Answer, GivenAnswer } from './answer.js';
import { juryAgreements } from './judge/jury.js';
import { answerByKeywords, learnKeywordBaseline } from './keyword-baseline.js';
import { gatesOf, observableGatesOf } from './presets.js';
import { reportSlices } from './report-slices.js';
import { isScorable, scoreAnswers, type ScoreRow } from './score-answers.js';

/** A training row as the baseline learns from it. */
export interface BaselineRow {
  query: string;
  category: string;
  answer: string;
}

/** Raw scores by arm, in the order of the golden set; null for an arm that is not there. */
export interface ArmScores {
  challenger: ScoreRow[];
  champion: ScoreRow[] | null;
  baseline: ScoreRow[] | null;
}

/** What of a model's spec says which metrics are measured. */
export type MeasuredSpec = Pick<ModelSpec, 'evaluation' | 'retrieval'>;

/** Every metric that a spec decides on, the primary ones first, each once. */
export function metricsOf(spec: MeasuredSpec): string[] {
  const { primary, guardrails } = spec.evaluation;
  const named = [...primary, ...observableGatesOf(spec), ...guardrails].map((one) => one.metric);
  return [...new Set(named)];
}

/** The metrics on which the challenger is compared with the champion. */
export const comparedMetricsOf = ({ primary, guardrails }: EvaluationSpec): string[] => [
  ...new Set([...primary, ...guardrails].map((one) => one.metric)),
];

/** The metrics an evaluation needs that can be scored here; the others stay unmeasured, which the gates then say. */
export const scorableMetrics = (spec: MeasuredSpec): string[] => metricsOf(spec).filter(isScorable);

/** Scores every arm on the golden set; the baseline answers with what it learnt from the training rows. */
export function scoreArms({
  spec,
  cases,
  challenger,
  champion,
  baselineRows,
}: {
  spec: MeasuredSpec;
  cases: readonly GoldenCase[];
  challenger: readonly Answer[];
  champion: readonly Answer[] | null;
  baselineRows: readonly BaselineRow[] | null;
}): ArmScores {
  const metrics = scorableMetrics(spec);
  const score = (answers: readonly GivenAnswer[]): ScoreRow[] => scoreAnswers({ cases, answers, metrics }).rows;
  return {
    challenger: score(challenger),
    champion: champion && score(champion),
    baseline: baselineRows && spec.evaluation.baseline && score(baselineAnswers({ cases, rows: baselineRows })),
  };
}

function baselineAnswers({
  cases,
  rows,
}: {
  cases: readonly GoldenCase[];
  rows: readonly BaselineRow[];
}): GivenAnswer[] {
  const baseline = learnKeywordBaseline({ rows });
  return cases.map(({ id, input }) => ({
    id,
    answer: answerByKeywords({ baseline, query: input }).answer,
    reason: null,
  }));
}

export interface ScoresDecision extends GatesResult {
  /** Of an early look: why it ends here, or null where it goes on. */
  look?: Pick<LookDecision, 'stop' | 'reason'>;
}

/**
 * The decision on stored scores; it needs nothing else, so that it can be repeated offline.
 * @param rules the newest where none are named; to repeat a recorded decision, name its own.
 * @param leftOut metrics of the preset that are not gated on: see `whatIsLeftOut`.
 * @param look which of the planned looks this is; without it all cases were asked at once.
 */
export function decideOnScores({
  spec,
  scores,
  seed,
  evidence,
  rules = newestRules,
  leftOut,
  look,
  ...known
}: {
  spec: EvaluationSpec;
  scores: ArmScores;
  seed: number;
  evidence: ArtifactRef | null;
  leftOut?: readonly string[];
  look?: { plan: readonly PlannedLook[]; index: number };
} & Pick<GatesInput, 'judged' | 'rules'>): ScoresDecision {
  const gates: GatesInput = {
    ...known,
    rules,
    gates: gatesOf({ ...spec, rules, ...(leftOut && { leftOut }) }),
    comparison: spec,
    scores: scores.challenger,
    baselineScores: scores.baseline,
    championScores: scores.champion,
    alpha: spec.alpha,
    unmeasuredLimit: spec.unmeasuredLimit,
    seed,
    evidence,
  };
  if (look === undefined) return decideGates(gates);
  const { stop, reason, result } = decideLook({ ...look, gates });
  return { ...result, look: { stop, reason } };
}

/**
 * What a person should look at before the challenger goes on, for better or worse; nothing without a champion.
 * @param judged the challenger's scores by a judge, where there are any.
 */
export function flagsOf({
  cases,
  challenger,
  champion,
  judged = [],
}: {
  cases: readonly GoldenCase[];
  challenger: readonly GivenAnswer[];
  champion: readonly GivenAnswer[] | null;
  judged?: readonly ScoreRow[];
}): Flag[] {
  if (champion === null) return [];
  const before = new Map(champion.map((one) => [one.id, one.answer]));
  const answers = challenger.map((one) => {
    const championAnswer = before.get(one.id);
    return typeof championAnswer === 'string' ? { ...one, championAnswer } : one;
  });
  const { rows } = scoreAnswers({ cases, answers, metrics: ['behaviourChange'] });
  const paired = judged.some((row) => row.metric === 'pairwisePreference');
  return [
    flagBehaviourChange({ scores: rows }),
    flagDiversityLoss({ champion, challenger }),
    ...(paired ? [flagPositionBias({ scores: judged })] : []),
  ];
}

/** What the report shows of an evaluation. Cases that could not be scored are left out of its pictures. */
export function reportOf({
  spec,
  cases,
  scores,
  answers,
  seed,
}: {
  spec: MeasuredSpec;
  cases: readonly GoldenCase[];
  scores: ArmScores;
  answers: { challenger: readonly Answer[]; champion: readonly Answer[] | null };
  seed: number;
}): ReportEvaluation {
  const metrics = metricsOf(spec).filter((metric) => scores.challenger.some((row) => row.metric === metric));
  const { evaluation } = spec;
  const primary = metrics[0] ?? '';
  const byCase = (rows: readonly ScoreRow[] | null, metric: string): Map<string, number> =>
    new Map(
      (rows ?? []).flatMap((row) =>
        row.metric === metric && row.score !== null ? [[row.id, row.score] as const] : [],
      ),
    );
  const textsOf = (given: readonly Answer[] | null): Map<string, string | null> =>
    new Map((given ?? []).map((one) => [one.id, one.answer]));
  /** An arm without any score of a metric, as without probes, is not there for it. */
  const armOf = (rows: readonly ScoreRow[] | null, metric: string): Map<string, number> | null => {
    const scored = byCase(rows, metric);
    return scored.size === 0 ? null : scored;
  };
  const arms = (metric: string) => ({
    challenger: byCase(scores.challenger, metric),
    champion: armOf(scores.champion, metric),
    baseline: armOf(scores.baseline, metric),
  });
  const measured = (metric: string): string[] => {
    const { challenger, champion, baseline } = arms(metric);
    return cases
      .map((one) => one.id)
      .filter((id) => challenger.has(id) && champion?.has(id) !== false && baseline?.has(id) !== false);
  };
  const first = arms(primary);
  const jury = juryAgreements({ rows: [...scores.challenger, ...(scores.champion ?? [])] });
  const texts = { challenger: textsOf(answers.challenger), champion: textsOf(answers.champion) };
  return {
    metrics: metrics.flatMap((metric) => {
      const { challenger, champion, baseline } = arms(metric);
      const ids = measured(metric);
      if (ids.length === 0) return [];
      const of = (scored: Map<string, number>): number[] => ids.map((id) => scored.get(id)!);
      return [
        { metric, challenger: of(challenger), champion: champion && of(champion), baseline: baseline && of(baseline) },
      ];
    }),
    slices: reportSlices({ spec: evaluation, metrics: comparedMetricsOf(evaluation), cases, scores, seed }),
    ...(jury.length > 0 && { jury }),
    cases: cases.flatMap((one) => {
      const challengerScore = first.challenger.get(one.id);
      const challengerAnswer = texts.challenger.get(one.id) ?? null;
      if (challengerScore === undefined || challengerAnswer === null) return [];
      return [
        {
          id: one.id,
          input: one.input,
          reference: one.reference,
          challengerAnswer,
          championAnswer: texts.champion.get(one.id) ?? null,
          challengerScore,
          championScore: first.champion?.get(one.id) ?? null,
        },
      ];
    }),
  };
}
