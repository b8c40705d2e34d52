import { getExternalWorkflowHandle, log, patched, workflowInfo } from '@temporalio/workflow';
import { workflowIds } from '../contracts/names.js';
import { releaseMessages } from '../contracts/release.js';
import type { OpenedLifecycle } from '../activities/lifecycle-opening.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { initialState } from '../domain/release/admission.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';
import type { Remains } from '../domain/release/remains.js';
import { nextEpoch } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import { nowIso } from './progress.js';
import { unfinishedAfter } from './finish-return.js';
import { endLostRelease, isLost } from './lost-release.js';
import { rootMessage } from './root-message.js';
import { takeBack } from './take-back.js';

const reason = 'the lifecycle began again after it was lost';

/** The release ends in its own time, and need not be there any more. */
async function tellToEnd(releaseId: string): Promise<void> {
  await getExternalWorkflowHandle(workflowIds.release(releaseId))
    .signal(releaseMessages.cancelSignal, { by: workflowInfo().workflowId, reason })
    .catch((error: unknown) => log.info('no release to end', { error: rootMessage(error) }));
}

/**
 * Tells a release to end and waits for that, since until then it may still hand users over; `within` at most, where that
 * is not null. Whether it is gone and has ended nothing, or does not know what its rollout has done.
 */
async function endOf({ releaseId, within }: { releaseId: string; within: '2 minutes' | null }): Promise<boolean> {
  await tellToEnd(releaseId);
  const waiting = activitiesFor({
    ...{ profile: 'longPoll', queue: 'watch', summary: `wait for the end of ${releaseId}` },
    options: within === null ? {} : { scheduleToCloseTimeout: within },
  });
  try {
    const { rolloutLost, kept } = await waiting.awaitRelease({ workflowId: workflowIds.release(releaseId) });
    return rolloutLost === true && kept === null && patched('first-champion-is-kept');
  } catch (error) {
    log.info('a release left no result', { error: rootMessage(error) });
    return isLost(error);
  }
}

/**
 * Ends what a release has left that was lost with its lifecycle: nobody else stops its job, unloads it and says why it
 * ended. The users come first.
 */
async function endForgotten({
  model,
  releaseId,
  remains,
}: {
  model: string;
  releaseId: string;
  /** Null where the release serves everyone, whom the champion before it gets back. */
  remains: Remains | null;
}): Promise<void> {
  const start = await activitiesFor({
    ...{ profile: 'briefCall', queue: 'orchestration', summary: `read what ${releaseId} was started with` },
  })
    .readReleaseStart({ releaseId })
    .catch((error: unknown) => log.warn('nobody knows how a release began', { error: rootMessage(error) }));
  if (!start) return;
  const champion = remains ? remains.champion : start.input.champion;
  const lost = `${releaseId} was lost with its lifecycle`;
  if (champion)
    await takeBack({
      ...{ model, champion, releaseId, withdrawn: [], step: `${releaseId}/forgotten`, reason: lost },
      owner: { workflowId: workflowInfo().workflowId, epoch: remains?.epoch ?? nextEpoch(start.input.epoch) },
    });
  await endLostRelease({
    ...{ input: { ...start.input, champion }, startedAt: start.startedAt, endedAt: nowIso(), reason: lost },
  });
}

/** What is there once the last release has ended. Where that is the champion, only its record will say what it is. */
async function readRemains({
  model,
  specification,
}: {
  model: string;
  specification: ArtifactRef;
}): Promise<{ settings: OpenedLifecycle['settings']; remains: Remains; served: string[] }> {
  const { openLifecycle: read } = activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: 'read the spec and what is there of the model',
  });
  let opened: OpenedLifecycle = await read({ model, specification });
  for (let ended: string | null = null; ;) {
    const { settings, remains, unrecorded, served = [] } = opened;
    let lost: boolean;
    if (remains !== null) {
      const { unfinished } = remains;
      if (unfinished === null || unfinished === ended) return { settings, remains, served };
      // Lifecycles of 0.1.0 took the traffic back while the release was ending.
      if (!patched('await-unfinished')) {
        await tellToEnd(unfinished);
        return { settings, remains, served };
      }
      lost = await endOf({ releaseId: unfinished, within: '2 minutes' });
    } else lost = await endOf({ releaseId: unrecorded!, within: null });
    ended = remains?.unfinished ?? unrecorded!;
    // Lifecycles of 0.1.0 left it to the orphan sweep, and could not begin where it served everyone.
    if (lost && patched('end-forgotten')) await endForgotten({ model, releaseId: ended, remains });
    opened = await read({ model, specification, ended });
  }
}

/**
 * The first state of a lifecycle. Where an earlier one of the same model was lost, it goes on from what that left: its
 * last release is told to end, and the champion gets everyone under an epoch that fences it out, should it run still.
 */
export async function openLifecycle({
  model,
  specification,
}: {
  model: string;
  specification: ArtifactRef;
}): Promise<LifecycleState> {
  const { settings, remains, served } = await readRemains({ model, specification });
  const { unfinished: _, ...found } = remains;
  const { champion, epoch } = found;
  const step = `${model}/opened-${epoch}`;
  // The lifecycle that was lost may not have come to retire them.
  const idle = new Set([...found.previous.map(({ releaseId }) => releaseId), ...served]);
  if (champion) idle.delete(champion.releaseId);
  const retire = champion && idle.size > 0 && patched('retire-when-opened') ? [...idle] : [];
  const notUndone = champion
    ? await takeBack({
        model,
        owner: { workflowId: workflowInfo().workflowId, epoch },
        champion,
        releaseId: champion.releaseId,
        withdrawn: retire,
        step,
        reason,
      })
    : [];
  const unfinishedReturn = unfinishedAfter({ step, reason, withdrawn: retire, notUndone });
  return { ...initialState({ model, specification, settings, now: nowIso() }), ...found, unfinishedReturn };
}
