import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { workflowIds } from '../contracts/names.js';

/**
 * The lifecycle of a model; null where none runs. One that has ended is not asked anything: it can't answer where it
 * ended before it had read its spec, or where no worker is there.
 */
export async function runningLifecycle({
  temporal,
  model,
}: {
  temporal: Client;
  model: string;
}): Promise<WorkflowHandle | null> {
  const handle = temporal.workflow.getHandle(workflowIds.lifecycle(model));
  try {
    return (await handle.describe()).status.name === 'RUNNING' ? handle : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
