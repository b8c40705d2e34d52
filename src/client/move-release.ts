import type { Client } from '@temporalio/client';
import type { ReplayWorkerOptions } from '@temporalio/worker';
import { replayProblems, type ReplayProblem } from '../workers/replay-check.js';
import { pinWorkflows, runningOfRelease } from './worker-versions.js';

/**
 * Lets another version of the workers go on with a running release and all that belongs to it, where the workflows of
 * that version, which `options` name, repeat every history. Else nothing is moved.
 * @throws Error where nothing of the release runs.
 */
export async function moveRelease({
  temporal,
  deploymentName,
  buildId,
  releaseId,
  options,
}: {
  temporal: Client;
  deploymentName: string;
  buildId: string;
  releaseId: string;
  options: ReplayWorkerOptions;
}): Promise<{ moved: string[]; problems: ReplayProblem[] }> {
  const ids = await runningOfRelease({ temporal, releaseId });
  if (ids.length === 0) throw new Error(`${releaseId}: nothing of it runs, so there is nothing to move`);
  const workflows = await Promise.all(
    ids.map(async (workflowId) => ({
      workflowId,
      history: await temporal.workflow.getHandle(workflowId).fetchHistory(),
    })),
  );
  const problems = await replayProblems({ workflows, options });
  if (problems.length > 0) return { moved: [], problems };
  await pinWorkflows({ temporal, deploymentName, buildId, workflowIds: ids });
  return { moved: ids, problems };
}
