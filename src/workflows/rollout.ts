import { CancellationScope, allHandlersFinished, condition, isCancellation } from '@temporalio/workflow';
import type { RolloutInput, RolloutResult } from '../contracts/release.js';
import { rollbackSentence, type RollbackTime } from '../domain/release/rollback-time.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { Stage } from '../domain/release/kinds.js';
import type { Verdict } from '../domain/release/verdict.js';
import { activitiesFor, untilLanded } from './activity-options.js';
import { awaitApproval } from './approval.js';
import { runBake } from './bake.js';
import { runCanarySteps } from './canary-steps.js';
import { createCompensations, undoAll } from './compensation.js';
import { watchGuards } from './guard-watch.js';
import { pinned } from './pinned.js';
import { keepProgress, nowIso } from './progress.js';
import { runLoad, runShadow } from './rehearsal.js';
import { measureTrip } from './rollback-time.js';
import { rootMessage } from './root-message.js';
import { keepCause } from './rollout-cause.js';
import { promotion, takeover } from './rollout-plans.js';
import { StageEnded } from './stage-ended.js';
import { receiveRolloutMessages } from './rollout-messages.js';

/** The reason of a rollout that was cancelled as a workflow, by its release or by an operator. */
export const cancelledFromOutside = 'cancelled';

/** Whether one step takes the place of many: the same model on other serving settings, which a shadow has compared. */
const blueGreen = ({ kind, rollout: { shadow } }: RolloutInput): boolean => kind === 'serving' && shadow !== null;

pinned(rollout);

/**
 * Hands a release's traffic over, or gives it back: deploy, smoke, load, shadow, approval, canary, promote, bake, retire.
 * However it ends before the bake has, the champion serves everyone again.
 */
export async function rollout(input: RolloutInput): Promise<RolloutResult> {
  const progress = keepProgress(input);
  const enter = (stage: Stage): void => {
    progress.enter(stage);
    timeline.push({ at: nowIso(), event: stage, stage });
  };
  const messages = receiveRolloutMessages({ input, progress });
  const compensations = createCompensations();
  const timeline: RolloutResult['timeline'] = [];
  const verdicts: Verdict[] = [];
  const note = (event: string): void => void timeline.push({ at: nowIso(), event, stage: null });
  const evidence = { current: input.evidence };
  const costUsd: Record<string, number> = {};
  const rehearsal = { input, progress, messages, verdicts, note, evidence, costUsd };
  const story = new CancellationScope();
  const watch = watchGuards({ input, onTrip: () => story.cancel() });
  let promotedAt: string | null = null;
  let rollback: RollbackTime | null = null;
  /** Why a promotion stands however the rollout ends; null while it can be taken back. */
  let stands: string | null = null;
  let aliasesMoved: Promise<unknown> = Promise.resolve();
  const cause = keepCause({ input, evidence });

  const quick = (summary: string) => activitiesFor({ profile: 'quickCall', queue: 'orchestration', summary });
  const traffic = (summary: string) => activitiesFor({ profile: 'trafficChange', queue: 'traffic', summary });
  const cluster = (summary: string) =>
    activitiesFor({ profile: 'longWork', queue: 'cluster', summary, options: untilLanded });
  const retireChallenger = () =>
    cluster('retire the challenger').retireRelease({ model: input.model, releaseId: input.releaseId });

  async function deploy(): Promise<void> {
    enter('deploy');
    compensations.add({ name: 'deploy', undo: retireChallenger });
    await cluster('deploy the challenger').deployRelease({
      model: input.model,
      releaseId: input.releaseId,
      base: input.baseId,
      adapter: input.adapter,
      deadline: input.rollout.deploy?.deadline,
    });
    note('deployed');
  }

  async function smoke(): Promise<void> {
    enter('smoke');
    const { smoke: questions, smokeChecks } = input.rollout;
    const checked = await activitiesFor({
      profile: 'longWork',
      queue: 'cluster',
      summary: 'ask known questions',
    }).smokeTest({
      releaseId: input.releaseId,
      target: input.challenger,
      questions,
      ...(input.specification && { specification: input.specification, checks: smokeChecks }),
    });
    verdicts.push(...checked);
    progress.update({ verdicts: checked });
    const bad = checked.find((one) => one.verdict !== 'pass' && !one.informs);
    if (bad) throw new StageEnded('rejected', [bad.reason]);
  }

  async function rehearse(champion: Target | null): Promise<void> {
    if (input.rollout.load) {
      enter('load');
      await runLoad({ rehearsal });
    }
    if (!input.rollout.shadow) return;
    enter('shadow');
    if (!champion) return note('no shadow: a first champion has no live traffic to rehearse on');
    compensations.add(giveBack(champion));
    await runShadow({ rehearsal, champion });
  }

  async function approval(): Promise<void> {
    enter('approval');
    await awaitApproval({ input, evidence: evidence.current, progress, messages, note });
  }

  const giveBack = (champion: Target) => ({
    name: 'traffic',
    undo: () =>
      traffic('give the champion its traffic back').restoreChampion({
        model: input.model,
        owner: input.owner,
        champion,
        reason: `${input.releaseId} ended in ${progress.current.stage}${cause.why}`,
        cause: cause.now(),
      }),
  });

  async function canary(champion: Target): Promise<void> {
    enter('canary');
    compensations.add({
      name: 'aliases',
      undo: async () => {
        // A move still under way would land after this one.
        await aliasesMoved.catch(() => undefined);
        await quick('move the aliases back').moveAliases({
          model: input.model,
          champion: input.championVersion,
          challenger: null,
          step: `${input.releaseId}/withdrawn`,
          reason: `${input.releaseId} was taken back${cause.why}`,
          cause: cause.now(),
        });
      },
    });
    // Traffic goes back before anything else does.
    compensations.drop('traffic');
    compensations.add(giveBack(champion));
    if (blueGreen(input)) return note('blue-green: only how it is served has changed and its shadow has passed');
    await runCanarySteps({
      input,
      progress,
      messages,
      note,
      verdicts,
      watch,
      cause: cause.now(),
    });
  }

  async function promote(): Promise<void> {
    enter('promote');
    aliasesMoved = activitiesFor({
      profile: 'quickCall',
      queue: 'orchestration',
      summary: 'move the aliases',
      options: untilLanded,
    }).moveAliases({
      model: input.model,
      champion: input.version,
      challenger: null,
      step: `${input.releaseId}/promoted`,
      reason: `${input.releaseId} was promoted`,
      cause: cause.now(),
    });
    await Promise.race([aliasesMoved, CancellationScope.current().cancelRequested]);
    if (!input.champion) compensations.clear();
    await writePromotion('');
    promotedAt = nowIso();
    if (!input.champion) stands = 'there is no other champion';
  }

  async function writePromotion(again: string): Promise<void> {
    const holdback = input.champion ? input.rollout.bake.holdback : 0;
    const plan = await traffic('promote').writePlan({
      model: input.model,
      owner: input.owner,
      change: promotion({ input, holdback, again }),
      leaseMilliseconds: input.champion ? milliseconds(input.rollout.lease) : null,
      cause: cause.now(),
    });
    if (input.champion) watch.start(plan.revision);
    progress.update({ share: 1 - holdback });
    note(`promoted by plan revision ${plan.revision}${again}`);
  }

  async function bake(): Promise<void> {
    enter('bake');
    await runBake({ input, progress, messages, note, verdicts, watch, promoteAgain: writePromotion });
  }

  async function retire(): Promise<void> {
    enter('retire');
    if (input.champion) {
      await traffic('end the holdback').writePlan({
        model: input.model,
        owner: input.owner,
        change: takeover(input),
        leaseMilliseconds: null,
        cause: cause.now(),
      });
      compensations.clear();
      stands = 'its bake was over';
      watch.stop();
      await cluster('retire the old champion').retireRelease({
        model: input.model,
        releaseId: input.champion.releaseId,
      });
      note(`${input.champion.releaseId} retired`);
    }
    progress.update({ share: 1 });
  }

  /** An answer whose token is being checked gets its reply, although it comes too late. */
  const answersTaken = (): Promise<void> => CancellationScope.nonCancellable(() => condition(allHandlersFinished));

  const end = async (
    outcome: RolloutResult['outcome'],
    reasons: string[],
    by: string | null = null,
  ): Promise<RolloutResult> => {
    const stage = progress.current.stage;
    cause.ends({ reasons, by });
    watch.stop();
    const notUndone = await undoAll({
      compensations,
      model: input.model,
      releaseId: input.releaseId,
      where: 'rollout',
    });
    await answersTaken();
    const promoted = promotedAt !== null && stage !== 'promote';
    note(`${outcome} in ${stage}`);
    return {
      outcome: stands || (promoted && outcome !== 'failed') ? 'promoted' : outcome,
      stage,
      reasons: [...reasons, ...(stands ? [`${input.releaseId} keeps serving: ${stands}`] : []), ...notUndone],
      approvals: messages.approvals,
      verdicts: [...verdicts, ...(watch.trip?.verdicts ?? [])],
      withdrawnAt: promoted && !stands ? nowIso() : null,
      timeline,
      costUsd,
      rollback,
      ...(stands && input.champion && { unretired: [input.champion.releaseId] }),
    };
  };

  void CancellationScope.nonCancellable(() => condition(() => messages.aborted !== null)).then(() => story.cancel());
  try {
    await story.run(async () => {
      await deploy();
      await smoke();
      await rehearse(input.champion);
      await approval();
      if (input.champion) await canary(input.champion);
      // Nothing could take the first champion's place, so its promotion happens as a whole or not at all.
      await (input.champion ? promote() : CancellationScope.nonCancellable(promote));
      await bake();
      await retire();
    });
  } catch (error) {
    const reachedUsers = watch.fromRevision !== null;
    if (watch.trip) {
      const { trip } = watch;
      note(`guard tripped: ${trip.reason}`);
      // Before the challenger is retired: until then a gateway that is late still gets answers from it.
      rollback = await measureTrip({ input, trip });
      if (rollback) note(rollbackSentence(rollback));
      return await end('rolledBack', [trip.reason]);
    }
    if (messages.aborted) {
      const { by, reason } = messages.aborted;
      return await end(reachedUsers ? 'rolledBack' : 'cancelled', [`stopped by ${by}: ${reason}`], by);
    }
    if (error instanceof StageEnded) return await end(error.outcome, error.reasons);
    if (isCancellation(error)) return await end('cancelled', [cancelledFromOutside]);
    return await end('failed', [rootMessage(error)]);
  }
  await answersTaken();
  return {
    outcome: 'promoted',
    stage: 'retire',
    reasons: [`promoted at ${promotedAt!}`],
    approvals: messages.approvals,
    verdicts,
    withdrawnAt: null,
    timeline,
    costUsd,
  };
}
