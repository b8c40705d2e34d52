import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode } from '@temporalio/worker';
import { lifecycleMessages } from '../src/contracts/lifecycle.js';
import { queueName, workflowIds } from '../src/contracts/names.js';
import { createWorkers } from '../src/workers/workers.js';
import { modelLifecycle } from '../src/workflows/model-lifecycle.js';
import { createModelStory } from '../test/chaos/model-story.js';
import { readAnswers, storeSpecification } from '../test/chaos/specification.js';
import { startTemporalServer } from '../test/chaos/temporal-server.js';
import { startWorkerPool } from '../test/chaos/worker-pool.js';
import { createWorld as createOutsideWorld } from '../test/chaos/world/world.js';
import { localEnvironment } from '../test/support/temporal.js';
import { createWorld, ref } from '../test/workflows/support/world.js';
import { bareActivities } from './support/control-plane-workflows.js';
import { countHistory } from './support/history-count.js';
import { report, reportMachine } from './support/report.js';

/*
 * What a crash costs, and what many lifecycles at once do: `npm run bench -- recovery [RELEASES]`, with the number of
 * releases over which the memory of a worker is watched (1,000 without).
 */
const bench = 'recovery';
const lifecycles = 100;
const heartbeatSeconds = 10;
const targets = { seconds: 15, ratio: 1.5, growth: 1.1 };
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const workflowFile = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Kills the worker that watches a training job; seconds until another watches it, over the heartbeat limit. */
async function killWatcher(folder: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflowFile('../src/workflows/index.ts'),
    logger: quiet,
  });
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, code);
  const watched: (() => void)[] = [];
  const world = createOutsideWorld({
    ...{ models: ['m1'], qualityOf: () => 'good', answers: await readAnswers(), nextFault: () => 'none' },
    trainingMilliseconds: 600_000,
    onMoment: ({ activity, when }) => {
      if (activity === 'watchTraining' && when === 'before') watched.shift()?.();
    },
  });
  const watching = (): Promise<void> => new Promise((resolve) => void watched.push(resolve));
  const server = await startTemporalServer({ folder });
  const order = { address: server.address, queuePrefix: 'recovery-', bundle };
  const pool = await startWorkerPool({ world, order, size: 1 });
  const client = new Client({ connection: await Connection.connect({ address: server.address }) });
  const specification = await storeSpecification({ store: world.store, model: 'm1' });
  const story = createModelStory({
    ...{ client, model: 'm1', specification, taskQueue: queueName({ prefix: 'recovery-', queue: 'orchestration' }) },
    planOf: () => ({ kind: 'training', quality: 'good', deed: null }),
  });
  const first = watching();
  void story.play({ releases: 1 }).catch(() => undefined);
  await first;
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const again = watching();
  const killedAt = performance.now();
  pool.kill(0);
  await again;
  const seconds = (performance.now() - killedAt) / 1000 - heartbeatSeconds;
  report({
    ...{ bench, metric: 'worker killed: its work goes on elsewhere, beyond the heartbeat limit', unit: 's' },
    ...{ value: seconds, target: `<= ${targets.seconds}`, ok: seconds <= targets.seconds },
    note: `heartbeat limit ${heartbeatSeconds} s; load average ${loadavg()[0]!.toFixed(1)}`,
  });
  world.close();
  await pool.close();
  await server.stop();
}

const steps = [0.01, 0.05, 0.25, 0.5].map((share) => ({ share, duration: 'PT0S', maximum: 'PT1H' }));
const rollout = { approval: { automatic: true }, canary: { steps }, bake: { duration: 'PT0S' } };

interface Stage {
  environment: TestWorkflowEnvironment;
  taskQueue: string;
}

/** One lifecycle and so many releases of it, one after the other. */
async function playLifecycle({ environment, taskQueue }: Stage, releases: number): Promise<string> {
  const model = `m${randomUUID().slice(0, 8)}`;
  const handle = await environment.client.workflow.start(modelLifecycle, {
    workflowId: workflowIds.lifecycle(model),
    taskQueue,
    args: [{ model, specification: ref('spec'), state: null }],
  });
  for (let played = 1; played <= releases; played += 1) {
    const { releaseId } = await handle.executeUpdate(lifecycleMessages.requestRelease, {
      args: [{ kind: 'training', reason: 'bench', requestedBy: 'bench', priority: 'normal' }],
    });
    for (;;) {
      const ended = (await handle.query(lifecycleMessages.describe)).ended.find((one) => one.releaseId === releaseId);
      if (ended && ended.outcome !== 'promoted') throw new Error(`${releaseId} ended ${JSON.stringify(ended)}`);
      if (ended) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  await handle.terminate('the bench is over');
  return model;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function throughput(stage: Stage): Promise<void> {
  const { workflow } = stage.environment.client;
  const warm = await playLifecycle(stage, 1);
  const ids = [workflowIds.release, workflowIds.evaluation, workflowIds.rollout].map((id) => id(`${warm}-r1`));
  const histories = await Promise.all(ids.map((id) => workflow.getHandle(id).fetchHistory()));
  const { queues } = countHistory(histories);
  const many = <Result>(one: () => Promise<Result>) => Promise.all(Array.from({ length: lifecycles }, one));
  const releases = await timed(() => many(() => playLifecycle(stage, 1)));
  const bare = await timed(() =>
    many(() =>
      workflow.execute(bareActivities, {
        workflowId: `bare:${randomUUID()}`,
        taskQueue: stage.taskQueue,
        args: [{ queues }],
      }),
    ),
  );
  const ratio = releases / bare;
  report({
    ...{ bench, metric: `${lifecycles} lifecycles with a release each over as many bare activities`, unit: 'ratio' },
    ...{ value: ratio, target: `<= ${targets.ratio}`, ok: ratio <= targets.ratio },
    note: `${releases.toFixed(1)} s against ${bare.toFixed(1)} s, ${queues.length} activities each; load average ${loadavg()[0]!.toFixed(1)}`,
  });
}

/** Memory in use once the garbage is out, in MiB. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** The heap of the worker's process after a tenth of the releases, and after all. */
async function flatness(stage: Stage, releases: number, forget: () => void): Promise<void> {
  const side = 10;
  const play = (count: number) => Promise.all(Array.from({ length: side }, () => playLifecycle(stage, count / side)));
  await play(releases / 10);
  forget();
  const before = memory();
  await play((releases * 9) / 10);
  forget();
  const growth = memory() / before;
  report({
    ...{
      bench,
      metric: `memory of a worker after ${releases} releases over that after ${releases / 10}`,
      unit: 'ratio',
    },
    ...{ value: growth, target: `<= ${targets.growth}`, ok: growth <= targets.growth },
    note: `${before.toFixed(0)} MiB after the first ${releases / 10}`,
  });
}

const watchedReleases = Number(process.argv[2] ?? 1000);
if (!Number.isInteger(watchedReleases / 100) || watchedReleases <= 0) {
  process.stderr.write(`recovery: "${process.argv[2]}" releases; expected a multiple of 100\n`);
  process.exit(2);
}
reportMachine({ bench });
const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
await killWatcher(folder);
const environment = await localEnvironment({ databaseFile: join(folder, 'bench.db') });
const world = await createWorld({ rollout });
let revision = 0;
const instantPlan = async () => ({ revision: (revision += 1), at: new Date().toISOString() });
const activities = Object.assign(world.activities, {
  bareCall: async () => undefined,
  ...{ writePlan: instantPlan, restoreChampion: instantPlan },
});
const queuePrefix = 'bench-';
const workers = await createWorkers({
  connection: environment.nativeConnection,
  namespace: environment.namespace ?? 'default',
  ...{ queuePrefix, activities },
  code: {
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: workflowFile('support/control-plane-workflows.ts'),
      logger: quiet,
    }),
  },
});
const running = workers.run();
try {
  const stage = { environment, taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }) };
  await throughput(stage);
  // What the stand-ins remember of each call is no memory of the worker's.
  const forget = (): void => {
    for (const kept of [world.calls, world.plans, world.closed, world.audited]) kept.length = 0;
  };
  await flatness(stage, watchedReleases, forget);
} finally {
  workers.shutdown();
  await running;
  await environment.teardown();
  await world.dispose();
  await rm(folder, { recursive: true, force: true });
}
// The release whose worker was killed is still asked about.
process.exit();
