import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { assumedPrice } from '../../domain/evaluation/judge/budget.js';
import { judgeNameOf } from '../../domain/evaluation/judge/judge-plan.js';
import { standingOf } from '../../domain/evaluation/judge-standing.js';
import type { Score } from '../../domain/evaluation/scorer.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import { PortError, type ArtifactStore } from '../ports.js';
import { loadCalibration } from './calibration-file.js';
import { createJudgeCaller } from './judge-caller.js';
import { judgeOneCase } from './judge-one-case.js';
import type { Judge } from './judge-port.js';
import type { Pacer, Timing } from './pacer.js';

type CaseInputs = NonNullable<Parameters<typeof judgeOneCase>[0]['inputs']['challenger']>;

/** What a judge of live answers works with. */
export interface LiveJudgeInput {
  store: ArtifactStore;
  judge: Judge;
  pacer: Pacer;
  timing: Timing;
  spec: JudgeSpec;
  /** What the spec names. */
  calibration: ArtifactRef | null;
  releaseId: string;
  budgetUsd: number;
  spentBefore: number;
  now: string;
}

/** A judge of one metric on live answers, with a budget of its own. */
export interface LiveJudge {
  /** The models, as a calibration names them. */
  name: string;
  /** Whether it decides: only where it is calibrated or the spec names the metric. */
  decides: boolean;
  reason: string;
  /** From here on an answer passes, by the calibration; null where none says so. */
  passAt: number | null;
  score: (input: { caseId: string; challenger: CaseInputs }) => Promise<Score>;
  /** What it has cost, in this attempt and in those before. */
  spentUsd: () => number;
  /** Once this is done, nothing that was paid for is lost by a kill. */
  stored: () => Promise<void>;
}

/**
 * Opens the judge of one metric. `stage` names its evaluation, `budgetField` where its budget can be raised.
 * @throws PortError `InvalidInput` where the metric has no rubric.
 */
export async function openLiveJudge({
  input: { store, judge, pacer, timing, spec, calibration: named, releaseId, budgetUsd, spentBefore, now },
  metric,
  stage,
  budgetField,
}: {
  input: LiveJudgeInput;
  metric: string;
  stage: string;
  budgetField: string;
}): Promise<LiveJudge> {
  const rubric = judge.rubrics[metric];
  if (!rubric) throw new PortError('InvalidInput', `expected rubrics/${metric}.yaml beside the worker's code`);
  const name = judgeNameOf(spec);
  const known = await loadCalibration({ store, judge: name, metric, named });
  const { standing, reason } = standingOf({
    metric,
    judge: name,
    rubricDigest: rubric.digest,
    now,
    allowUncalibrated: spec.allowUncalibrated,
    calibration: known && known.calibration,
  });
  const caller = createJudgeCaller({
    judge,
    pacer,
    timing,
    priceOf: (model) => spec.prices[model] ?? assumedPrice,
    evaluation: `${releaseId}/${stage}`,
    capUsd: Math.max(0, budgetUsd - spentBefore),
    budgetField,
  });
  return {
    name,
    decides: standing !== 'informs',
    reason,
    passAt: known?.file.passAt ?? null,
    score: async ({ caseId, challenger }) => {
      const { scores } = await judgeOneCase({ caller, spec, rubric, caseId, inputs: { challenger } });
      return scores.challenger!;
    },
    spentUsd: () => spentBefore + caller.spending().spentUsd,
    stored: () => caller.stored(),
  };
}
