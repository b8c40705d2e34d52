import type { ShadowPair } from '../../contracts/shadow-pair.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { assumedPrice } from '../../domain/evaluation/judge/budget.js';
import { judgeNameOf } from '../../domain/evaluation/judge/judge-plan.js';
import { standingOf } from '../../domain/evaluation/judge-standing.js';
import type { JudgeRole } from '../../domain/rollout/shadow/shadow-gates.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import { loadCalibration } from '../judging/calibration-file.js';
import { createJudgeCaller } from '../judging/judge-caller.js';
import { judgeOneCase } from '../judging/judge-one-case.js';
import type { Judge } from '../judging/judge-port.js';
import type { Pacer, Timing } from '../judging/pacer.js';
import { PortError, type ArtifactStore } from '../ports.js';

const metric = 'pairwisePreference';
const changedItsMind = 'the judge changed its mind with the order of the answers';

export interface PairJudge {
  role: NonNullable<JudgeRole>;
  /** The models, as a calibration names them. */
  name: string;
  /** Which answer is better, asked blind in both orders. */
  prefer(pair: ShadowPair): Promise<{ preference: number | null; preferenceReason: string | null }>;
  /** What it has cost, in this attempt and in those before. */
  spentUsd(): number;
  /** Once this is done, nothing that was paid for is lost by a kill. */
  stored(): Promise<void>;
}

/** The conversation as a judge reads it; a single question stands alone. */
function questionOf({ request: { query, messages } }: ShadowPair): string {
  if (messages.length <= 1) return query;
  return messages.map(({ role, content }) => `${role}: ${content}`).join('\n');
}

/** A judge of live pairs, with a budget of its own. It decides only where it is calibrated or the spec names the metric. */
export async function openPairJudge({
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
}): Promise<PairJudge> {
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
    evaluation: `${releaseId}/shadow`,
    capUsd: Math.max(0, budgetUsd - spentBefore),
    budgetField: 'rollout.shadow.budgetUsd',
  });
  return {
    role: { decides: standing !== 'informs', reason },
    name,
    prefer: async (pair) => {
      const { champion, challenger } = pair;
      if ('error' in challenger) return { preference: 0, preferenceReason: null };
      const { scores } = await judgeOneCase({
        caller,
        spec,
        rubric,
        caseId: pair.id,
        inputs: {
          challenger: {
            question: questionOf(pair),
            answer: challenger.answer,
            // Nobody knows the right answer to a live question.
            reference: '(there is none)',
            documents: [],
            championAnswer: champion.answer,
          },
        },
      });
      const { score, reason: missing, details } = scores.challenger!;
      if (score === null) return { preference: null, preferenceReason: missing };
      // A tie of a judge that follows the place would speak for a challenger that need only not be worse.
      const turned = (details['positionBias'] ?? 'none') !== 'none';
      return turned
        ? { preference: null, preferenceReason: changedItsMind }
        : { preference: score, preferenceReason: null };
    },
    spentUsd: () => spentBefore + caller.spending().spentUsd,
    stored: () => caller.stored(),
  };
}
