import { ScheduleNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { lifecycleMessages, removeSchema, type Remove, type RemoveResult } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { scheduleIdsOf } from './model-schedules.js';

export interface RemovedModel extends RemoveResult {
  /** Whether a lifecycle took it; else only Schedules or a batch were left of the model, and are gone. */
  hadLifecycle: boolean;
}

/**
 * Removes a model: its Schedules and its batch at once; a running release goes to its end, or is ended; then nothing of it is served
 * any more. What is stored of it stays. Safe to repeat: what a removal could not do yet is then tried again at once.
 * @throws WorkflowNotFoundError where neither a lifecycle runs nor anything else was left.
 */
export async function removeModel({
  temporal,
  model,
  message,
}: {
  temporal: Client;
  model: string;
  message: Remove;
}): Promise<RemovedModel> {
  // First, as they would fire for ever where this breaks off. What the lifecycle is going to refuse removes nothing.
  const hadMore = removeSchema.safeParse(message).success && (await endStarters({ temporal, model }));
  try {
    const answer = await temporal.workflow
      .getHandle(workflowIds.lifecycle(model))
      .executeUpdate(lifecycleMessages.remove, { args: [message] });
    return { ...answer, hadLifecycle: true };
  } catch (error) {
    if (!hadMore || !(error instanceof WorkflowNotFoundError)) throw error;
    return { waitsFor: null, left: null, hadLifecycle: false };
  }
}

/** Ends what starts work for a model by itself; whether there was any. */
async function endStarters({ temporal, model }: { temporal: Client; model: string }): Promise<boolean> {
  let found = false;
  for (const scheduleId of Object.values(scheduleIdsOf(model)))
    await temporal.schedule
      .getHandle(scheduleId)
      .delete()
      .then(
        () => (found = true),
        (error: unknown) => {
          if (!(error instanceof ScheduleNotFoundError)) throw error;
        },
      );
  // A batch that is paused would wait for ever.
  await temporal.workflow
    .getHandle(workflowIds.batch(model))
    .cancel()
    .then(
      () => (found = true),
      (error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      },
    );
  return found;
}
