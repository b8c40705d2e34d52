import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CompleteAsyncError } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import '../../support/temporal.js';
import { workflowSource } from '../../../src/workers/workflow-code.js';

/* A worker process whose activities end when the test says so; it polls once it is told to, and says so. */
const { workflowsPath, workflowInterceptorModules } = workflowSource({
  workflows: fileURLToPath(new URL('asking-workflow.ts', import.meta.url)),
});
const endsLater = async (): Promise<void> => {
  throw new CompleteAsyncError();
};
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: process.argv[2]! }),
  taskQueue: process.argv[3]!,
  workflowsPath,
  interceptors: { workflowModules: workflowInterceptorModules },
  stickyQueueScheduleToStartTimeout: '3 seconds',
  activities: { step: endsLater, aside: endsLater },
});
process.send!('loaded');
await once(process, 'message');
const running = worker.run();
process.send!('polling');
await running;
