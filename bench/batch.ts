import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DirectoryStore } from '../src/adapters/directory-store/directory-store.js';
import { queueName, workflowIds } from '../src/contracts/names.js';
import { storeKeys } from '../src/contracts/store-keys.js';
import { batchInference } from '../src/workflows/batch-inference.js';
import { localEnvironment } from '../test/support/temporal.js';
import { layBatchDown } from './support/batch-files.js';
import { median, report, reportMachine, spreadOf } from './support/report.js';
import { type SlowModel, startSlowModel } from './support/slow-model.js';

const bench = 'batch';
const repetitions = 3;
const load = { items: 500, callMilliseconds: 2000, concurrency: 32 };
const ideal = (load.items * load.callMilliseconds) / 1000 / load.concurrency;
const taskQueue = queueName({ prefix: '', queue: 'orchestration' });

interface Stage {
  folder: string;
  store: DirectoryStore;
  environment: TestWorkflowEnvironment;
  model: SlowModel;
}

async function startWorker({
  environment,
  store,
}: Pick<Stage, 'environment'> & { store: string }): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('support/batch-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, environment.address, store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the worker ended before it polled'))),
  ]);
  return child;
}

async function endWorker(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

async function startRun({ folder, store, environment, model }: Stage, name: string) {
  model.forget();
  const { items, concurrency } = load;
  const input = await layBatchDown({ folder, store, endpoint: model.endpoint, model: name, items, concurrency });
  const options = { workflowId: workflowIds.batch(name), taskQueue, args: [input] as [typeof input] };
  return await environment.client.workflow.start(batchInference, options);
}

/** From the start of the workflow to its result, with the finding of the items and the moving of the watermark. */
async function measureRuns(stage: Stage): Promise<void> {
  const seconds: number[] = [];
  for (let run = 0; run < repetitions; run += 1) {
    const begun = performance.now();
    const { summarised } = await (await startRun(stage, `run-${run}`)).result();
    seconds.push((performance.now() - begun) / 1000);
    if (summarised !== load.items) throw new Error(`${summarised} of ${load.items} items were summarised`);
  }
  const value = median(seconds);
  const note = `load ${loadavg()[0]!.toFixed(1)}, most calls at a time ${stage.model.most()}`;
  const spread = spreadOf(seconds);
  report({
    ...{ bench, metric: '500 items at 2 s a call and 32 at a time', value, unit: 's', spread, note },
    ...{ target: '30 to 50', ok: value >= 30 && value <= 50 },
  });
  report({
    ...{
      bench,
      metric: 'the same over the ideal of 31.25 s',
      value: value / ideal,
      unit: 'x',
      spread: spreadOf(seconds.map((one) => one / ideal)),
    },
    ...{ target: '<= 1.1', ok: value / ideal <= 1.1 },
  });
}

async function storedAnswers({ store }: Stage, name: string): Promise<number> {
  let count = 0;
  for await (const { key } of store.list({ prefix: storeKeys.batchAnswers({ model: name }) }))
    if (key !== '') count += 1;
  return count;
}

/** Kills the worker with SIGKILL once a third of the items is stored; another one goes on. */
async function measureKilled(stage: Stage, worker: ChildProcess, storeFolder: string): Promise<ChildProcess> {
  const name = 'killed';
  const handle = await startRun(stage, name);
  while ((await storedAnswers(stage, name)) < load.items / 3) await wait(100);
  await endWorker(worker, 'SIGKILL');
  await wait(2 * load.callMilliseconds);
  const stored = await storedAnswers(stage, name);
  const asked = [...stage.model.asked.values()].reduce((sum, times) => sum + times, 0);
  const next = await startWorker({ environment: stage.environment, store: storeFolder });
  const { summarised } = await handle.result();
  const again = [...stage.model.asked.values()].reduce((sum, times) => sum + times, 0) - load.items;
  const lost = asked - stored;
  report({
    ...{
      bench,
      metric: 'stored summaries that a killed worker repeats',
      value: Math.max(0, again - lost),
      unit: 'calls',
    },
    ...{ target: '0', ok: again <= lost && summarised === load.items },
    note: `${stored} stored at the kill, ${lost} answers under way and lost, ${again} calls repeated`,
  });
  return next;
}

const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-batch-'));
const storeFolder = join(folder, 'store');
const environment = await localEnvironment();
const model = await startSlowModel({ milliseconds: load.callMilliseconds });
let worker: ChildProcess | null = null;
try {
  reportMachine({ bench });
  worker = await startWorker({ environment, store: storeFolder });
  const stage = { folder, store: new DirectoryStore({ root: storeFolder }), environment, model };
  await measureRuns(stage);
  worker = await measureKilled(stage, worker, storeFolder);
} finally {
  if (worker !== null) await endWorker(worker, 'SIGTERM');
  await model.close();
  await environment.teardown();
  await rm(folder, { recursive: true, force: true });
}
