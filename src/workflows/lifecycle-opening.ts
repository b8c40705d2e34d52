import { getExternalWorkflowHandle, log, patched, workflowInfo } from '@temporalio/workflow';
import { workflowIds } from '../contracts/names.js';
import { releaseMessages } from '../contracts/release.js';
import type { OpenedLifecycle } from '../activities/lifecycle-opening.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { initialState } from '../domain/release/admission.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';
import type { Remains } from '../domain/release/remains.js';
import { activitiesFor } from './activity-options.js';
import { nowIso } from './progress.js';
import { unfinishedAfter } from './finish-return.js';
import { rootMessage } from './root-message.js';
import { takeBack } from './take-back.js';

const reason = 'the lifecycle began again after it was lost';

/** The release ends in its own time, and need not be there any more. */
async function tellToEnd(releaseId: string): Promise<void> {
  await getExternalWorkflowHandle(workflowIds.release(releaseId))
    .signal(releaseMessages.cancelSignal, { by: workflowInfo().workflowId, reason })
    .catch((error: unknown) => log.info('no release to end', { error: rootMessage(error) }));
}

/** Tells a release to end and waits for that, since until then it may still hand users over; `within` at most, where that is not null. */
async function endOf({ releaseId, within }: { releaseId: string; within: '2 minutes' | null }): Promise<void> {
  await tellToEnd(releaseId);
  const waiting = activitiesFor({
    ...{ profile: 'longPoll', queue: 'watch', summary: `wait for the end of ${releaseId}` },
    options: within === null ? {} : { scheduleToCloseTimeout: within },
  });
  await waiting
    .awaitRelease({ workflowId: workflowIds.release(releaseId) })
    .catch((error: unknown) => log.info('a release left no result', { error: rootMessage(error) }));
}

/** What is there once the last release has ended. Where that is the champion, only its record will say what it is. */
async function readRemains({
  model,
  specification,
}: {
  model: string;
  specification: ArtifactRef;
}): Promise<{ settings: OpenedLifecycle['settings']; remains: Remains }> {
  const { openLifecycle: read } = activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: 'read the spec and what is there of the model',
  });
  let opened: OpenedLifecycle = await read({ model, specification });
  for (let ended: string | null = null; ;) {
    const { settings, remains, unrecorded } = opened;
    if (remains !== null) {
      const { unfinished } = remains;
      if (unfinished === null || unfinished === ended) return { settings, remains };
      // Lifecycles of 0.1.0 took the traffic back while the release was ending.
      if (!patched('await-unfinished')) {
        await tellToEnd(unfinished);
        return { settings, remains };
      }
      await endOf({ releaseId: unfinished, within: '2 minutes' });
    } else await endOf({ releaseId: unrecorded!, within: null });
    ended = remains?.unfinished ?? unrecorded!;
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
  const { settings, remains } = await readRemains({ model, specification });
  const { unfinished: _, ...found } = remains;
  const { champion, epoch } = found;
  const step = `${model}/opened-${epoch}`;
  // The lifecycle that was lost may not have come to retire them.
  const withdrawn = champion && found.previous.length > 0 && patched('retire-when-opened') ? found.previous : [];
  const retire = withdrawn.map(({ releaseId }) => releaseId);
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
