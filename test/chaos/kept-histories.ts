import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const most = 200;

/** Writes the histories of what still runs, or has failed, into a folder that stays; returns the folder. */
export async function keepHistories({ client }: { client: Client }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-chaos-histories-'));
  const query = 'ExecutionStatus = "Running" OR ExecutionStatus = "Failed"';
  let written = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if ((written += 1) > most) break;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    await writeFile(join(folder, `${workflowId.replaceAll(':', '-')}-${runId}.json`), historyToJSON(history));
  }
  return folder;
}
