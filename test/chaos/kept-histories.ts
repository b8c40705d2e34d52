import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { saveHistory } from '../replay/history-file.js';

const most = 200;

/** Writes the histories of what still runs, or has failed, into a folder that stays; returns the folder. */
export async function keepHistories({ client: { workflow: client } }: { client: Client }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-chaos-histories-'));
  const query = 'ExecutionStatus = "Running" OR ExecutionStatus = "Failed"';
  let written = 0;
  for await (const { workflowId, runId } of client.list({ query })) {
    if ((written += 1) > most) break;
    await saveHistory({ client, folder, workflowId, runId, file: `${workflowId.replaceAll(':', '-')}-${runId}.json` });
  }
  return folder;
}
