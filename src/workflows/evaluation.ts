import { log, setHandler } from '@temporalio/workflow';
import { releaseMessages, type EvaluationInput, type EvaluationResult } from '../contracts/release.js';
import { activitiesFor } from './activity-options.js';
import { keepProgress } from './progress.js';

/**
 * Champion against challenger on the golden set: the champion's answers first, since a power plan made from them may
 * show that the comparison is hopeless before the challenger costs anything; then the challenger's; then a judge's scores where the spec
 * asks for them; then the gates.
 */
export async function evaluation(input: EvaluationInput): Promise<EvaluationResult> {
  const progress = keepProgress(input);
  setHandler(releaseMessages.progress, () => progress.current);
  progress.enter('evaluation');
  const work = (summary: string) => activitiesFor({ profile: 'longWork', queue: 'evaluation', summary });

  const common = { releaseId: input.releaseId, model: input.model, specification: input.specification };
  const championAnswers = input.champion
    ? await work(`answers of ${input.champion.releaseId}`).generateAnswers({ ...common, target: input.champion })
    : null;
  const plan = await work('what the golden set can show').planEvaluation({ ...common, championAnswers });
  if (plan.refusal) {
    progress.update({ verdicts: plan.refusal.verdicts });
    return plan.refusal;
  }
  const warnings = plan.warnings ?? [];
  for (const { gate, reason } of warnings) log.warn('the golden set may show too little', { gate, reason });
  progress.update({ verdicts: warnings });
  const challengerAnswers = await work(`answers of ${input.releaseId}`).generateAnswers({
    ...common,
    target: input.challenger,
  });
  const judged = plan.judged
    ? await work('judge the answers').judgeAnswers({ ...common, championAnswers, challengerAnswers })
    : null;
  const decided = await work('score and decide').decideEvaluation({
    ...common,
    dataset: input.dataset,
    championAnswers,
    challengerAnswers,
    ...(judged && { judged }),
    champion: input.champion?.releaseId ?? null,
    attempt: plan.attempt,
  });
  progress.update({ verdicts: decided.verdicts, evidenceDigest: decided.evidenceDigest });
  return decided;
}
