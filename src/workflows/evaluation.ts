import { log, patched, setHandler, type ActivityOptions } from '@temporalio/workflow';
import type {
  DecideEvaluationInput,
  EvaluationOpening,
  EvaluationPlan,
  Part,
  TakenLook,
} from '../contracts/evaluation.js';
import {
  releaseMessages,
  type EvaluationInput,
  type EvaluationResult,
  type ServedTarget,
} from '../contracts/release.js';
import { activitiesFor } from './activity-options.js';
import { pinned } from './pinned.js';
import { keepProgress } from './progress.js';

/** What evaluations of 0.1.0 did: all cases at once, and nothing beside them. */
const asBefore: EvaluationOpening = { looks: null, probes: { challenger: null, champion: null } };

const work = (summary: string, options: ActivityOptions = {}) =>
  activitiesFor({ profile: 'longWork', queue: 'evaluation', summary, options });
/** Resampling holds a worker's thread, in which it can't say that it lives: 15 s for 20,000 cases and ten gates. */
const resamples: ActivityOptions = { heartbeatTimeout: '3 minutes' };

pinned(evaluation);

/**
 * Champion against challenger on the golden set. First what is fixed before any answer: in which parts the cases are
 * asked, and which probes beside them. Then part by part, most often one: the champion's answers, since a power plan made
 * from them may show that the comparison is hopeless before the challenger costs anything; the challenger's; a judge's
 * scores where the spec asks for them; and, while parts are left, a look at whether they are needed. At last the gates.
 */
export async function evaluation(input: EvaluationInput): Promise<EvaluationResult> {
  const progress = keepProgress(input);
  setHandler(releaseMessages.progress, () => progress.current);
  progress.enter('evaluation');
  const { releaseId, model, specification, dataset, challenger } = input;
  const common = { releaseId, model, specification };
  const champion = input.champion?.releaseId ?? null;
  const opening = patched('evaluation-opening')
    ? await work('plan looks and probes').openEvaluation({ ...common, champion })
    : asBefore;

  /** What an arm answers to the probes that it is asked; null where it is asked none. */
  async function probe({ target, arm, part }: { target: ServedTarget; arm: 'challenger' | 'champion'; part?: Part }) {
    const probes = opening.probes[arm];
    if (probes === null) return null;
    const asked = { ...common, target, probes, ...(part && { part }) };
    return { probes, answers: await work(`probes of ${target.releaseId}`).generateAnswers(asked) };
  }

  let plan: EvaluationPlan | null = null;
  const looked: TakenLook[] = [];
  const looks = opening.looks?.count ?? 1;
  for (let index = 0; ; index += 1) {
    const part = opening.looks && { part: { looks: opening.looks.plan, index } };
    const step = { ...common, ...part };
    const championAnswers = input.champion
      ? await work(`answers of ${input.champion.releaseId}`).generateAnswers({ ...step, target: input.champion })
      : null;
    plan ??= await work('what the golden set can show').planEvaluation({ ...step, championAnswers });
    if (plan.refusal) {
      progress.update({ verdicts: plan.refusal.verdicts });
      return plan.refusal;
    }
    if (index === 0) warn(plan);
    const challengerAnswers = await work(`answers of ${releaseId}`).generateAnswers({ ...step, target: challenger });
    const probed = {
      champion: input.champion && (await probe({ target: input.champion, arm: 'champion', ...part })),
      challenger: await probe({ target: challenger, arm: 'challenger', ...part }),
    };
    const judged = plan.judged
      ? await work('judge the answers').judgeAnswers({ ...step, championAnswers, challengerAnswers })
      : null;
    const decision = {
      ...{ ...step, dataset, championAnswers, challengerAnswers, champion, attempt: plan.attempt },
      ...(judged && { judged }),
      ...(opening !== asBefore && { probed }),
      ...indexesOf(input),
      ...(looked.length > 0 && { looked: [...looked] }),
    };
    if (index < looks - 1) {
      const look = await work(`look ${index + 1} of ${looks}`, resamples).takeLook(decision);
      progress.update({ verdicts: [{ gate: 'early looks', verdict: look.verdict, reason: look.reason }] });
      if (look.stop === null) {
        looked.push(look);
        continue;
      }
    }
    const decided = await work('score and decide', resamples).decideEvaluation(decision);
    progress.update({ verdicts: decided.verdicts, evidenceDigest: decided.evidenceDigest });
    return decided;
  }

  function warn({ warnings = [] }: EvaluationPlan): void {
    for (const { gate, reason } of warnings) log.warn('the golden set may show too little', { gate, reason });
    progress.update({ verdicts: warnings });
  }
}

function indexesOf({ challenger, champion }: EvaluationInput): Pick<DecideEvaluationInput, 'indexes'> {
  const indexes = { challenger: challenger.indexVersion ?? null, champion: champion?.indexVersion ?? null };
  return indexes.challenger === null && indexes.champion === null ? {} : { indexes };
}
