import { getExternalWorkflowHandle, log, patched, workflowInfo } from '@temporalio/workflow';
import { workflowIds } from '../contracts/names.js';
import { releaseMessages } from '../contracts/release.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { initialState } from '../domain/release/admission.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';
import { activitiesFor } from './activity-options.js';
import { nowIso } from './progress.js';
import { unfinishedAfter } from './finish-return.js';
import { rootMessage } from './root-message.js';
import { takeBack } from './take-back.js';

/**
 * The first state of a lifecycle. Where an earlier one of the same model was lost, it goes on from what that left: its
 * last release is told to end, and the champion gets everyone under an epoch that fences it out.
 */
export async function openLifecycle({
  model,
  specification,
}: {
  model: string;
  specification: ArtifactRef;
}): Promise<LifecycleState> {
  const opened = await activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: 'read the spec and what is there of the model',
  }).openLifecycle({ model, specification });
  const { settings } = opened;
  const { unfinished, ...found } = opened.remains;
  const { champion, epoch } = found;
  const reason = 'the lifecycle began again after it was lost';
  if (unfinished !== null)
    await getExternalWorkflowHandle(workflowIds.release(unfinished))
      .signal(releaseMessages.cancelSignal, { by: workflowInfo().workflowId, reason })
      .catch((error: unknown) => log.info('no release to end', { error: rootMessage(error) }));
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
