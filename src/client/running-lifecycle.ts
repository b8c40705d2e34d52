import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';

/**
 * The state of a model's lifecycle; null where none runs. One that has ended is not asked: it can't answer where it ended
 * before it had read its spec, or where no worker is there.
 */
export async function runningState({
  temporal,
  model,
}: {
  temporal: Client;
  model: string;
}): Promise<LifecycleState | null> {
  const handle = temporal.workflow.getHandle(workflowIds.lifecycle(model));
  try {
    if ((await handle.describe()).status.name !== 'RUNNING') return null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
  return await handle.query(lifecycleMessages.describe);
}
