import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../activities/index.js';
import type { WorkerVersion } from '../config/worker-version.js';
import { queueName, type TaskQueue } from '../contracts/names.js';
import { workflowCode } from './workflow-code.js';

/** How many activities of each kind one process runs at once. Watchers only wait, so many fit. */
const slots: Record<TaskQueue, number> = {
  orchestration: 20,
  traffic: 20,
  watch: 750,
  evaluation: 2,
  data: 1,
  cluster: 20,
  batch: 2,
};

export interface Workers {
  readonly queues: string[];
  /** Runs until `shutdown`; rejects when one of them fails. */
  run(): Promise<void>;
  shutdown(): void;
  /** Task queues whose worker does not poll: before `run`, after an end, and while it drains. */
  stopped(): string[];
}

const versionOptions = (version: WorkerVersion | null): Pick<WorkerOptions, 'workerDeploymentOptions'> =>
  version === null
    ? {}
    : { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' } };

/**
 * A worker for each task queue over the same activities; workflows run on `orchestration` alone. With a version that
 * queue alone has it: activities take what any version sends, so that whichever worker is there does them.
 */
export async function createWorkers({
  connection,
  namespace,
  queuePrefix,
  activities,
  dataConverter,
  version = null,
  code = workflowCode({ encrypted: dataConverter !== undefined }),
}: {
  connection: NativeConnection;
  namespace: string;
  queuePrefix: string;
  activities: Activities;
  dataConverter?: DataConverter;
  version?: WorkerVersion | null;
  code?: ReturnType<typeof workflowCode> & Pick<WorkerOptions, 'stickyQueueScheduleToStartTimeout'>;
}): Promise<Workers> {
  const queues = Object.keys(slots) as TaskQueue[];
  const workers = await Promise.all(
    queues.map((queue) =>
      Worker.create({
        connection,
        namespace,
        taskQueue: queueName({ prefix: queuePrefix, queue }),
        activities,
        ...(dataConverter ? { dataConverter } : {}),
        maxConcurrentActivityTaskExecutions: slots[queue],
        shutdownGraceTime: '5 seconds',
        ...(queue === 'orchestration' ? { ...code, ...versionOptions(version), maxCachedWorkflows: 500 } : {}),
      }),
    ),
  );
  return {
    queues: workers.map((worker) => worker.options.taskQueue),
    stopped: () =>
      workers.filter((worker) => worker.getState() !== 'RUNNING').map((worker) => worker.options.taskQueue),
    run: async () => {
      try {
        await Promise.all(workers.map((worker) => worker.run()));
      } finally {
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      }
    },
    shutdown: () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}
