import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { assumedPrice } from '../../domain/evaluation/judge/budget.js';
import { judgeNameOf } from '../../domain/evaluation/judge/judge-plan.js';
import { standingOf } from '../../domain/evaluation/judge-standing.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import { loadCalibration } from '../judging/calibration-file.js';
import { createJudgeCaller } from '../judging/judge-caller.js';
import { judgeOneCase } from '../judging/judge-one-case.js';
import type { Judge } from '../judging/judge-port.js';
import type { Pacer, Timing } from '../judging/pacer.js';
import { PortError, type ArtifactStore } from '../ports.js';

/** The one metric that needs neither a right answer nor documents, which live questions do not have. */
const metric = 'answerRelevancy';
/** From here on an answer is good where no calibration says otherwise: half of what it says helps. */
const passAtUncalibrated = 0.5;

export interface JudgedAnswer {
  judged: number | null;
  judgedReason: string | null;
  bad: boolean;
}

export interface AnswerJudge {
  name: string;
  decides: boolean;
  reason: string;
  judge(input: { id: string; question: string; answer: string }): Promise<JudgedAnswer>;
  /** In this attempt and in those before. */
  spentUsd(): number;
  /** Once this is done, nothing that was paid for is lost by a kill. */
  stored(): Promise<void>;
}

/** A judge of single live answers, with a budget of its own; it decides only where it is calibrated or the spec says so. */
export async function openAnswerJudge({
  store,
  judge,
  pacer,
  timing,
  spec,
  calibration: named,
  releaseId,
  budgetUsd,
  spentBefore,
  now,
}: {
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
}): Promise<AnswerJudge> {
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
  const passAt = known?.file.passAt ?? passAtUncalibrated;
  const caller = createJudgeCaller({
    judge,
    pacer,
    timing,
    priceOf: (model) => spec.prices[model] ?? assumedPrice,
    evaluation: `${releaseId}/canary`,
    capUsd: Math.max(0, budgetUsd - spentBefore),
    budgetField: 'rollout.canary.badAnswers.budgetUsd',
  });
  return {
    name,
    decides: standing !== 'informs',
    reason,
    judge: async ({ id, question, answer }) => {
      const { scores } = await judgeOneCase({
        caller,
        spec,
        rubric,
        caseId: id,
        inputs: { challenger: { question, answer, reference: '', documents: [], championAnswer: null } },
      });
      const { score, reason: missing } = scores.challenger!;
      return { judged: score, judgedReason: score === null ? missing : null, bad: score !== null && score < passAt };
    },
    spentUsd: () => spentBefore + caller.spending().spentUsd,
    stored: () => caller.stored(),
  };
}
