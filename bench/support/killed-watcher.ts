import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import { patientQueries } from '../../src/client/patient-queries.js';
import { readAnswers, storeSpecification } from '../../test/chaos/specification.js';
import { workflowSource } from '../../src/workers/workflow-code.js';
import type { TemporalServer } from '../../test/chaos/temporal-server.js';
import { startWorkerPool } from '../../test/chaos/worker-pool.js';
import { buildWorkerProgram } from '../../test/chaos/worker-program.js';
import { createWorld } from '../../test/chaos/world/world.js';
import { createLifecycles } from './instant-lifecycles.js';

const model = 'm1';
const queuePrefix = 'killed-';
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * Kills the worker that watches a training job, again and again, each time after so many milliseconds of watching:
 * seconds from each SIGKILL until another process watches the job.
 */
export async function killWatchers({
  server,
  folder,
  after,
}: {
  server: TemporalServer;
  folder: string;
  after: readonly number[];
}): Promise<number[]> {
  const { code } = await bundleWorkflowCode({
    ...workflowSource(),
    logger: quiet,
  });
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, code);
  let heard = (): void => undefined;
  const watching = (): Promise<void> => new Promise((resolve) => (heard = resolve));
  const world = createWorld({
    ...{ models: [model], qualityOf: () => 'good', answers: await readAnswers(), nextFault: () => 'none' },
    trainingMilliseconds: 600_000,
    onMoment: ({ activity, when }) => {
      if (activity === 'watchTraining' && when === 'before') heard();
    },
  });
  const program = await buildWorkerProgram({ folder });
  const order = { address: server.address, queuePrefix, bundle };
  const pool = await startWorkerPool({ world, program, order, size: 1 });
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, interceptors: { workflow: [patientQueries] } });
  try {
    const lifecycles = createLifecycles({ client, queuePrefix });
    const specification = await storeSpecification({ store: world.store, model });
    await lifecycles.begin(model, specification);
    const first = watching();
    await lifecycles.ask(model);
    await first;
    const seconds: number[] = [];
    for (const milliseconds of after) {
      await wait(milliseconds);
      const again = watching();
      const killedAt = performance.now();
      pool.kill(0);
      await again;
      seconds.push((performance.now() - killedAt) / 1000);
    }
    return seconds;
  } finally {
    await pool.close();
    world.close();
    await connection.close();
  }
}
