import {
  ActivityCancellationType,
  CancellationScope,
  ParentClosePolicy,
  condition,
  executeChild,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { Gathered } from '../contracts/recording.js';
import { workflowIds } from '../contracts/names.js';
import type {
  DatasetSummary,
  EvaluationResult,
  ReleaseInput,
  ReleaseResult,
  RolloutResult,
} from '../contracts/release.js';
import { shownSummary } from '../contracts/shown-text.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Outcome, Stage } from '../domain/release/kinds.js';
import type { PlanOwner } from '../domain/rollout/traffic-plan.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor, untilLanded } from './activity-options.js';
import { createCompensations, undoAll } from './compensation.js';
import { evaluation } from './evaluation.js';
import { receiveReleaseMessages } from './release-messages.js';
import {
  askedIndex,
  childAttributes,
  costOf,
  indexVersionOf,
  isRolloutLost,
  itsRollout,
  keptRelease,
  noRecord,
  protectChampion,
  rolloutDetails,
} from './release-parts.js';
import { pinned } from './pinned.js';
import { keepProgress, nowIso } from './progress.js';
import { rootMessage } from './root-message.js';
import { cancelledFromOutside, rollout } from './rollout.js';
import { StageEnded } from './stage-ended.js';

pinned(release);

/**
 * One attempt to replace the champion: open, prepare data, train, evaluate, roll out, record. It always ends with a
 * record, and never with users on a challenger nobody watches.
 */
export async function release(input: ReleaseInput): Promise<ReleaseResult> {
  const { releaseId, model } = input;
  const progress = keepProgress(input);
  const compensations = createCompensations();
  const gathered: Gathered = {
    dataset: null,
    adapter: null,
    training: null,
    evaluated: null,
    version: null,
    rolledOut: null,
    target: null,
  };
  const timeline: RolloutResult['timeline'] = [{ at: nowIso(), event: 'started', stage: 'opening' }];
  const owner: PlanOwner = { workflowId: workflowInfo().workflowId, epoch: input.epoch };
  const story = new CancellationScope();
  const messages = receiveReleaseMessages({ progress });
  const whyCancelled = (): string =>
    messages.cancelled ? `cancelled by ${messages.cancelled.by}: ${messages.cancelled.reason}` : cancelledFromOutside;
  void CancellationScope.nonCancellable(() => condition(() => messages.cancelled !== null)).then(() => story.cancel());

  const quick = (summary: string) => activitiesFor({ profile: 'quickCall', queue: 'orchestration', summary });
  const cluster = (summary: string) =>
    activitiesFor({ profile: 'longWork', queue: 'cluster', summary, options: untilLanded });

  const enter = (stage: Stage): void => {
    progress.enter(stage);
    timeline.push({ at: nowIso(), event: stage, stage });
  };

  const opened = await CancellationScope.nonCancellable(() =>
    quick('open the run').openRelease({ ...input, workflowId: owner.workflowId }),
  );

  const indexVersion = indexVersionOf(input) ?? opened.indexVersion ?? null;

  async function prepareData(): Promise<DatasetSummary> {
    enter('data');
    const data = activitiesFor({
      profile: 'longWork',
      queue: 'data',
      summary: 'clean, split, check for leaks, publish',
    });
    const { specification } = input;
    const dataset = await data.prepareDataset({ releaseId, specification, ...askedIndex(indexVersion) });
    gathered.dataset = dataset;
    return dataset;
  }

  async function train(dataset: DatasetSummary): Promise<ArtifactRef | null> {
    if (input.candidate) return (gathered.adapter = input.candidate.adapter);
    if (input.kind !== 'training') return input.champion?.adapter ?? null;
    enter('training');
    const jobName = `train-${releaseId}`;
    compensations.add({ name: 'training', undo: () => cluster('stop the training job').stopTraining({ jobName }) });
    const job = {
      jobName,
      specification: input.specification,
      trainFile: dataset.train,
      validationFile: dataset.validation,
      trackingRunId: opened.runId,
      ...(input.budgetLeftUsd !== undefined && { budgetLeftUsd: input.budgetLeftUsd }),
    };
    await cluster('start the training job').startTraining(job);
    await activitiesFor({
      profile: 'longPoll',
      queue: 'cluster',
      summary: 'watch the training job',
      options: {
        // A watcher resumes a job that it finds stopped, so that it must have ended before the job is. 0.1.0 did not wait.
        ...(patched('watcher-ends-first') ? untilLanded : { cancellationType: ActivityCancellationType.TRY_CANCEL }),
        startToCloseTimeout: milliseconds(opened.trainingDeadline),
        scheduleToCloseTimeout: milliseconds(opened.trainingDeadline),
      },
    }).watchTraining(job);
    const trained = await cluster('check and store the adapter').collectTraining({
      jobName,
      releaseId,
      runId: opened.runId,
    });
    gathered.training = trained;
    gathered.adapter = trained.adapter;
    return trained.adapter;
  }

  async function evaluate(dataset: DatasetSummary, adapter: ArtifactRef | null): Promise<EvaluationResult> {
    enter('evaluation');
    compensations.add({
      name: 'serving',
      undo: () => cluster('retire the challenger').retireRelease({ model, releaseId }),
    });
    const served = await cluster('serve the challenger for evaluation').deployRelease({
      model,
      releaseId,
      base: opened.base,
      adapter,
      deadline: opened.rollout.deploy?.deadline,
      offline: { beside: input.champion ? [input.champion.releaseId] : [] },
    });
    gathered.target = {
      releaseId,
      endpoint: served.liveEndpoint,
      adapter: served.adapter,
      promptDigest: opened.promptDigest,
      indexVersion,
    };
    const champion = input.champion && {
      releaseId: input.champion.releaseId,
      endpoint: served.alone ? input.champion.target.endpoint : served.endpoint,
      adapter: input.champion.target.adapter,
      specification: input.champion.specification,
      ...askedIndex(input.champion.target.indexVersion),
    };
    const evaluated = await executeChild(evaluation, {
      workflowId: workflowIds.evaluation(releaseId),
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: shownSummary(`evaluation of ${releaseId}`),
      typedSearchAttributes: childAttributes(input, 'evaluation'),
      args: [
        {
          releaseId,
          model,
          specification: input.specification,
          dataset,
          challenger: {
            releaseId,
            endpoint: served.endpoint,
            adapter: served.adapter,
            specification: input.specification,
            ...askedIndex(indexVersion),
          },
          champion,
        },
      ],
    });
    gathered.evaluated = evaluated;
    progress.judged(evaluated.verdict);
    progress.update({ verdicts: evaluated.verdicts, evidenceDigest: evaluated.evidenceDigest });
    if (evaluated.verdict !== 'pass')
      throw new StageEnded(
        'rejected',
        evaluated.verdicts
          .filter((one) => one.verdict !== 'pass' && !one.informs)
          .map((one) => `${one.gate}: ${one.reason}`),
      );
    return evaluated;
  }

  async function rollOut(adapter: ArtifactRef | null, evaluated: EvaluationResult): Promise<RolloutResult> {
    const registered = await quick('register the model version').registerVersion({
      model,
      releaseId,
      runId: opened.runId,
      evidenceDigest: evaluated.evidenceDigest,
    });
    gathered.version = registered.version;
    enter('deploy');
    progress.update({ waiting: itsRollout(releaseId) });
    protectChampion({ input, owner, evidenceDigest: evaluated.evidenceDigest, compensations });
    const rolledOut = await executeChild(rollout, {
      workflowId: workflowIds.rollout(releaseId),
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: shownSummary(`rollout of ${releaseId}`),
      staticDetails: rolloutDetails(input),
      typedSearchAttributes: childAttributes(input, 'deploy'),
      args: [
        {
          releaseId,
          model,
          rollout: opened.rollout,
          challenger: gathered.target!,
          champion: input.champion?.target ?? null,
          version: registered.version,
          championVersion: input.champion?.version ?? null,
          adapter,
          baseId: opened.base,
          evidence: {
            digest: evaluated.evidenceDigest,
            verdict: evaluated.verdict,
            summary: evaluated.verdicts.map((one) => `${one.gate}: ${one.verdict}, ${one.reason}`),
            halts: evaluated.halts ?? [],
          },
          requestedBy: input.requestedBy,
          owner,
          runId: opened.runId,
          specification: input.specification,
          kind: input.kind,
        },
      ],
    });
    // A rollout that has ended by itself has given traffic and aliases back by itself.
    compensations.drop('traffic');
    compensations.drop('aliases');
    gathered.rolledOut = rolledOut;
    timeline.push(...rolledOut.timeline);
    if (rolledOut.outcome === 'promoted' && rolledOut.withdrawnAt === null) compensations.clear();
    return rolledOut;
  }

  async function close(ended: { outcome: Outcome; stage: Stage; reasons: string[] }): Promise<ReleaseResult> {
    return await CancellationScope.nonCancellable(async () => {
      const notUndone = await undoAll({ compensations, model, releaseId, where: 'release' });
      const ending = { ...ended, reasons: [...ended.reasons, ...notUndone] };
      progress.update({ share: 0 });
      enter('recording');
      const withdrawnAt = gathered.rolledOut?.withdrawnAt ?? null;
      const endedAt = nowIso();
      const startedAt = timeline[0]!.at;
      const closing = { input, runId: opened.runId, gathered, ...ending, withdrawnAt, timeline, startedAt, endedAt };
      const known = { costUsd: costOf(gathered) };
      // What was decided stands, with or without its record.
      const { record, missing, costUsd } = await quick('write the record and the report')
        .closeRelease(closing)
        .then((written) => ({ ...known, ...written, missing: [] }), noRecord(known.costUsd));
      progress.enter('ended');
      progress.update({ verdicts: gathered.evaluated?.verdicts ?? [] });
      return {
        releaseId,
        ...ending,
        reasons: [...ending.reasons, ...missing],
        kept: keptRelease({ input, gathered, base: opened.base, promotedAt: endedAt }),
        costUsd,
        seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
        record,
        withdrawnAt,
        ...(isRolloutLost(gathered) && { rolloutLost: true }),
        ...(gathered.rolledOut?.unretired && { unretired: gathered.rolledOut.unretired }),
      };
    });
  }

  try {
    const rolledOut = await story.run(async () => {
      const dataset = await prepareData();
      const adapter = await train(dataset);
      const evaluated = await evaluate(dataset, adapter);
      return await rollOut(adapter, evaluated);
    });
    const reasons = rolledOut.reasons.map((reason) => (reason === cancelledFromOutside ? whyCancelled() : reason));
    return await close({ outcome: rolledOut.outcome, stage: rolledOut.stage, reasons });
  } catch (error) {
    const { stage } = progress.current;
    if (messages.cancelled || isCancellation(error))
      return await close({ outcome: 'cancelled', stage, reasons: [whyCancelled()] });
    if (error instanceof StageEnded) return await close({ outcome: error.outcome, stage, reasons: error.reasons });
    return await close({ outcome: 'failed', stage, reasons: [rootMessage(error)] });
  }
}
