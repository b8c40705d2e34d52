import { proxyActivities } from '@temporalio/workflow';

export * from '../../src/workflows/index.js';

/** The yardstick: one activity a queue named, one after the other, and nothing else. */
export async function bareActivities({ queues }: { queues: string[] }): Promise<void> {
  for (const taskQueue of queues) {
    const { bareCall } = proxyActivities<{ bareCall(): Promise<void> }>({ startToCloseTimeout: '1 minute', taskQueue });
    await bareCall();
  }
}
