import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { workflowIds } from '../contracts/names.js';
import { releaseMessages, type Progress } from '../contracts/release.js';

/** Where a release stands: its rollout's own word once that runs, since it knows the stages from deploy on. */
export async function releaseProgress({
  temporal,
  releaseId,
}: {
  temporal: Client;
  releaseId: string;
}): Promise<Progress | null> {
  const ofRelease = await queryProgress({ temporal, workflowId: workflowIds.release(releaseId) });
  if (ofRelease?.stage !== 'deploy') return ofRelease;
  return (await queryProgress({ temporal, workflowId: workflowIds.rollout(releaseId) })) ?? ofRelease;
}

async function queryProgress({
  temporal,
  workflowId,
}: {
  temporal: Client;
  workflowId: string;
}): Promise<Progress | null> {
  try {
    return await temporal.workflow.getHandle(workflowId).query(releaseMessages.progress);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
