import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { saveHistory } from '../replay/history-file.js';

const most = 200;

/**
 * Writes the histories of what still runs, has failed or belongs to a release that `violations` name into a folder that
 * stays; returns the folder.
 */
export async function keepHistories({
  client: { workflow: client },
  violations = [],
}: {
  client: Client;
  violations?: readonly string[];
}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-chaos-histories-'));
  const named = new Set(violations.flatMap((violation) => violation.match(/\bm\d+-r\d+\b/g) ?? []));
  let written = 0;
  for await (const { workflowId, runId, status } of client.list()) {
    const [, releaseId = ''] = workflowId.split(':');
    if (status.name !== 'RUNNING' && status.name !== 'FAILED' && !named.has(releaseId)) continue;
    if ((written += 1) > most) break;
    await saveHistory({ client, folder, workflowId, runId, file: `${workflowId.replaceAll(':', '-')}-${runId}.json` });
  }
  return folder;
}
