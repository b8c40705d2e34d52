import { setWorkflowOptions, workflowInfo, type Workflow } from '@temporalio/workflow';

/**
 * Keeps each run of a workflow on the worker version that began it, where workers have versions: what one release does
 * next must not change while it runs. A server refuses the word of workers that have none.
 */
export const pinned = (workflow: Workflow): void =>
  setWorkflowOptions(
    () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'PINNED' as const } : {}),
    workflow,
  );
