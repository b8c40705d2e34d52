// A process with a worker that is set up as ours are: runs one workflow well and one badly, and prints what it then shows
// Prometheus.
//   measured-worker.ts <address of Temporal> <address to show metrics on>
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { taskQueues } from '../../../src/contracts/names.js';
import { installRuntime } from '../../../src/workers/runtime.js';

const [address, metricsAddress] = process.argv.slice(2) as [string, string];
installRuntime({ metricsAddress });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue: taskQueues.watch,
  workflowsPath: fileURLToPath(new URL('measured-workflow.ts', import.meta.url)),
  activities: {
    answer: (well: boolean): string => {
      if (well) return 'done';
      throw ApplicationFailure.nonRetryable('asked to fail');
    },
  },
});
const client = new Client({ connection });
const shown = await worker.runUntil(async () => {
  for (const well of [true, false])
    await client.workflow
      .execute('measured', { taskQueue: taskQueues.watch, workflowId: `measured-${well}`, args: [well] })
      .catch(() => 'failed');
  return await (await fetch(`http://${metricsAddress}/metrics`)).text();
});
await connection.close();
process.stdout.write(shown);
