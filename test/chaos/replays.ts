import type { Client } from '@temporalio/client';
import { replayProblems, type RecordedWorkflow } from '../../src/workers/replay-check.js';

/** Histories that are in memory at once. */
const batchSize = 50;

/**
 * Every history that the run has made, played once more from its beginning, as a worker does that is new to it: a
 * workflow that cannot be repeated stands still at its next task, and one that has ended was taken for another.
 */
export async function replayAll({
  client,
  bundle,
}: {
  client: Client;
  bundle: string;
}): Promise<{ replayed: number; problems: string[] }> {
  let replayed = 0;
  const problems: string[] = [];
  let batch: RecordedWorkflow[] = [];
  const replay = async (): Promise<void> => {
    const found = await replayProblems({ workflows: batch, options: { workflowBundle: { codePath: bundle } } });
    problems.push(
      ...found.map(({ workflowId, step, message }) => `${workflowId} cannot be replayed at ${step}: ${message}`),
    );
    replayed += batch.length;
    batch = [];
  };
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    // A lifecycle that was lost has begun again under the same name.
    batch.push({ workflowId: `${workflowId} (run ${runId})`, history });
    if (batch.length === batchSize) await replay();
  }
  await replay();
  return { replayed, problems };
}
