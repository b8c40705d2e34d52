import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { Step } from './history-count.js';

export * from '../../src/workflows/index.js';

const bareCall = (taskQueue: string): Promise<void> =>
  proxyActivities<{ bareCall(): Promise<void> }>({ startToCloseTimeout: '1 minute', taskQueue }).bareCall();

/** The yardstick: one activity a queue named, one after the other, and nothing else. */
export async function bareActivities({ queues }: { queues: string[] }): Promise<void> {
  for (const queue of queues) await bareCall(queue);
}

/** Empty workflows: the activities and children of others, in their order, with nothing of what those decide, keep and show. */
export async function emptyWorkflows({ steps }: { steps: Step[] }): Promise<void> {
  for (const step of steps)
    if (typeof step === 'string') await bareCall(step);
    else await executeChild(emptyWorkflows, { args: [{ steps: step }] });
}
