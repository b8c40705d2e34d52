import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';

/** What a Schedule starts, since it can start nothing but workflows: it asks the lifecycle for a release. */
export async function scheduledTrigger({ model }: { model: string }): Promise<void> {
  await getExternalWorkflowHandle(workflowIds.lifecycle(model)).signal(lifecycleMessages.alert, {
    kind: 'schedule',
    severity: 'info',
    category: null,
    evidence: 'the retraining schedule is due',
  });
}
