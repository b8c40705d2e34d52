import { ScheduleNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { lifecycleMessages, type Remove, type RemoveResult } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { scheduleIdsOf } from './model-schedules.js';

/**
 * Removes a model: its Schedules and its batch at once; a running release goes to its end, or is ended; then nothing of it is served
 * any more. What is stored of it stays. Safe to repeat.
 * @throws WorkflowNotFoundError where no lifecycle runs.
 */
export async function removeModel({
  temporal,
  model,
  message,
}: {
  temporal: Client;
  model: string;
  message: Remove;
}): Promise<RemoveResult> {
  const answer = await temporal.workflow
    .getHandle(workflowIds.lifecycle(model))
    .executeUpdate(lifecycleMessages.remove, { args: [message] });
  for (const scheduleId of Object.values(scheduleIdsOf(model)))
    await temporal.schedule
      .getHandle(scheduleId)
      .delete()
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      });
  // A batch that is paused would wait for ever.
  await temporal.workflow
    .getHandle(workflowIds.batch(model))
    .cancel()
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
  return answer;
}
