import type { JudgedInput } from '../../domain/evaluation/judge/judge-call.js';
import { judgedMetrics, type RubricMetric } from '../../domain/evaluation/judge/judged-metrics.js';
import { combineJury } from '../../domain/evaluation/judge/jury.js';
import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import { tierOf, type Disagreement, type TierReason } from '../../domain/evaluation/judge/tiers.js';
import { scored, unmeasured, type Score } from '../../domain/evaluation/scorer.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import type { JudgeCaller } from './judge-caller.js';

export type JudgedArm = 'challenger' | 'champion';

/** What a case's arms answered; a text where there is nothing to judge, with the reason. */
export type ArmInputs = Partial<Record<JudgedArm, JudgedInput | { reason: string }>>;

export interface JudgedCase {
  scores: Partial<Record<JudgedArm, Score>>;
  /** Why the strong judge saw it, and what both said of each arm. */
  strong: { reason: TierReason; pairs: { cheap: number | null; strong: number | null }[] } | null;
}

/** The same cases are audited in every evaluation: a seed chosen a release would be one more thing to choose well. */
const auditSeed = 1;

/**
 * One metric of one case, on every arm, by the same judges: the first, a jury, or the strong one where the tiers say
 * so. A preference is one judgement that speaks of both arms.
 */
export async function judgeOneCase({
  caller,
  spec,
  rubric,
  caseId,
  inputs,
  disagreement = null,
}: {
  caller: JudgeCaller;
  spec: JudgeSpec;
  rubric: Rubric;
  caseId: string;
  inputs: ArmInputs;
  /** How often people disagree with the first judge, by its score; null where it was never calibrated. */
  disagreement?: readonly Disagreement[] | null;
}): Promise<JudgedCase> {
  const metric: RubricMetric = rubric.metric;
  const { range } = judgedMetrics[metric];
  const paired = rubric.kind === 'pairwise';
  const arms = (['challenger', 'champion'] as const).filter(
    (arm) => inputs[arm] !== undefined && !(paired && arm === 'champion'),
  );
  const by = async (model: string, arm: JudgedArm): Promise<Score> => {
    const input = inputs[arm]!;
    return 'reason' in input ? unmeasured(input.reason) : await caller.judge({ model, rubric, input });
  };
  const everyArm = async (score: (arm: JudgedArm) => Promise<Score>) =>
    Object.fromEntries(await Promise.all(arms.map(async (arm) => [arm, await score(arm)] as const))) as Partial<
      Record<JudgedArm, Score>
    >;
  const done = (scores: JudgedCase['scores'], strong: JudgedCase['strong'] = null): JudgedCase => ({
    scores: paired && inputs.champion ? { ...scores, champion: turned(scores.challenger!) } : scores,
    strong,
  });

  if (spec.jury.length > 0) {
    const jurors = [spec.model, ...spec.jury];
    const jury = async (arm: JudgedArm): Promise<Score> => {
      const scores = await Promise.all(jurors.map(async (model) => ({ model, score: await by(model, arm) })));
      return combineJury({ scores, range });
    };
    return done(await everyArm(jury));
  }
  const { strong: strongModel } = spec;
  if (strongModel !== null && spec.strongFor === 'everyCase')
    return done(await everyArm((arm) => by(strongModel, arm)));
  const first = await everyArm((arm) => by(spec.model, arm));
  const judged = arms.filter((arm) => !('reason' in inputs[arm]!));
  if (strongModel === null || judged.length === 0) return done(first);
  const reason = tierOf({
    caseId,
    scores: judged.map((arm) => first[arm]!.score),
    range,
    disagreement,
    auditShare: spec.auditShare,
    seed: auditSeed,
  });
  if (reason === null) return done(first);
  const second = await everyArm((arm) => by(strongModel, arm));
  const pairs = judged.map((arm) => ({ cheap: first[arm]!.score, strong: second[arm]!.score }));
  return done(second, { reason, pairs });
}

/** A preference as the other answer sees it. */
const turned = ({ score, reason, details }: Score): Score =>
  score === null ? unmeasured(reason ?? 'no preference') : scored(1 - score, details);
