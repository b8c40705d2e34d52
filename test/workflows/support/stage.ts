import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Activities } from '../../../src/activities/index.js';
import { workflowSource } from '../../../src/workers/workflow-code.js';
import { createWorkers } from '../../../src/workers/workers.js';
import { queueName } from '../../../src/contracts/names.js';
import { createWorld, type Script, type World } from './world.js';

let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;

/** The workflows, bundled once for all tests of a process. */
export const workflowBundle = (): Promise<WorkflowBundleWithSourceMap> =>
  (bundle ??= bundleWorkflowCode({
    ...workflowSource(),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  }));

export interface StageSet {
  world: World;
  queuePrefix: string;
  orchestration: string;
  /** Lets something happen while no worker is there; others take over afterwards. */
  whileAway<T>(happen: () => Promise<T>): Promise<T>;
}

/** Runs `play` with a world and workers of its own, and takes both down afterwards. */
export async function onStage<T>({
  environment,
  script = {},
  activities = {},
  play,
}: {
  environment: TestWorkflowEnvironment;
  script?: Script;
  /** What answers otherwise than the world does. */
  activities?: Partial<Activities>;
  play: (set: StageSet) => Promise<T>;
}): Promise<T> {
  const world = await createWorld(script);
  const queuePrefix = `${randomUUID().slice(0, 8)}-`;
  const start = async () => {
    const workers = await createWorkers({
      connection: environment.nativeConnection,
      namespace: environment.namespace ?? 'default',
      queuePrefix,
      activities: { ...world.activities, ...activities },
      code: { workflowBundle: await workflowBundle() },
    });
    const running = workers.run();
    return async (): Promise<void> => {
      workers.shutdown();
      await running;
    };
  };
  let stop = await start();
  try {
    return await play({
      world,
      queuePrefix,
      orchestration: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
      whileAway: async (happen) => {
        await stop();
        return await happen().finally(async () => {
          stop = await start();
        });
      },
    });
  } finally {
    await stop();
    await world.dispose();
  }
}
