import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { queueName } from '../contracts/names.js';
import type { OrphanSweepInput } from '../contracts/orphans.js';

export const orphanScheduleId = 'orphan-sweep';
/** How long something must have belonged to nobody before it is removed. */
const graceMilliseconds = 24 * 3_600_000;

/**
 * Has every model of the namespace swept each hour. Whoever has changed or paused the Schedule keeps what they made of
 * it.
 */
export async function ensureOrphanSchedule({
  temporal,
  queuePrefix,
}: {
  temporal: Client;
  queuePrefix: string;
}): Promise<void> {
  const input: OrphanSweepInput = { model: null, remove: true, graceMilliseconds };
  try {
    await temporal.schedule.create({
      scheduleId: orphanScheduleId,
      spec: { intervals: [{ every: '1 hour' }], jitter: '5 minutes' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
      action: {
        type: 'startWorkflow',
        workflowType: 'orphanSweep',
        workflowId: orphanScheduleId,
        taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
        staticSummary: 'what belongs to no release',
        args: [input],
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
