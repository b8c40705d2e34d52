import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode } from '@temporalio/worker';
import { queueName, workflowIds } from '../src/contracts/names.js';
import type { ReleaseInput } from '../src/contracts/release.js';
import { rolloutSpecSchema } from '../src/domain/spec/rollout-spec.js';
import { release } from '../src/workflows/release.js';
import { workflowSource } from '../src/workers/workflow-code.js';
import { createWorkers } from '../src/workers/workers.js';
import { localEnvironment } from '../test/support/temporal.js';
import { createWorld, ref } from '../test/workflows/support/world.js';
import { bareActivities } from './support/control-plane-workflows.js';
import { countHistory, type HistoryCount } from './support/history-count.js';
import { median, report, reportMachine, spreadOf } from './support/report.js';

const bench = 'control-plane';
const repetitions = 7;
const targets = { activities: 45, events: 400, ratio: 1.5 };

/** The default four canary steps and the bake, all without waiting, which is not what is measured. */
const steps = [0.01, 0.05, 0.25, 0.5].map((share) => ({ share, duration: 'PT0S', maximum: 'PT1H' }));
const rollout = { approval: { automatic: true }, canary: { steps }, bake: { duration: 'PT0S' } };
/** The same with the stages that a spec has to ask for. */
const everyStage = rolloutSpecSchema.parse({ ...rollout, load: { expectedPeak: '20/s' }, shadow: {} });
const everyStagePrefix = 'every-stage-';

function inputOf(model: string): ReleaseInput {
  const target = { endpoint: 'http://127.0.0.1:2/v1', promptDigest: null, indexVersion: null };
  return {
    releaseId: `${model}-r2`,
    model,
    kind: 'training',
    trigger: 'person',
    requestedBy: ['bench'],
    reasons: ['bench'],
    specification: ref('spec'),
    champion: {
      releaseId: `${model}-r1`,
      version: '1',
      base: 'base',
      target: { releaseId: `${model}-r1`, adapter: `${model}-r1`, ...target },
      adapter: ref('champion'),
      specification: ref('spec'),
      promotedAt: '2026-01-01T00:00:00.000Z',
    },
    epoch: 4,
  };
}

interface Stage {
  environment: TestWorkflowEnvironment;
  taskQueue: string;
}

/** One release from start to result, and what its histories hold. */
async function playRelease(
  { environment, taskQueue }: Stage,
  prefix = 'm',
): Promise<HistoryCount & { seconds: number }> {
  const model = `${prefix}${randomUUID().slice(0, 8)}`;
  const input = inputOf(model);
  const begun = performance.now();
  const result = await environment.client.workflow.execute(release, {
    workflowId: workflowIds.release(input.releaseId),
    taskQueue,
    args: [input],
  });
  const seconds = (performance.now() - begun) / 1000;
  if (result.outcome !== 'promoted') throw new Error(`${input.releaseId} ended ${JSON.stringify(result)}`);
  const { release: story, evaluation, rollout: handover, load, shadow } = workflowIds;
  const rehearsals = prefix === everyStagePrefix ? [load, shadow] : [];
  const ids = [story, evaluation, handover, ...rehearsals].map((id) => id(input.releaseId));
  const histories = await Promise.all(ids.map((id) => environment.client.workflow.getHandle(id).fetchHistory()));
  return { ...countHistory(histories), seconds };
}

async function playBare({ environment, taskQueue }: Stage, queues: string[]): Promise<number> {
  const begun = performance.now();
  await environment.client.workflow.execute(bareActivities, {
    workflowId: `bare:${randomUUID()}`,
    taskQueue,
    args: [{ queues }],
  });
  return (performance.now() - begun) / 1000;
}

/** Release and yardsticks in turn, so that all see the same machine. */
async function measure(stage: Stage): Promise<void> {
  const warm = await playRelease(stage);
  await playBare(stage, warm.queues);
  const releases: Awaited<ReturnType<typeof playRelease>>[] = [];
  const bare: number[] = [];
  const bareOnQueues: number[] = [];
  for (let done = 0; done < repetitions; done += 1) {
    const played = await playRelease(stage);
    releases.push(played);
    bare.push(
      await playBare(
        stage,
        played.queues.map(() => stage.taskQueue),
      ),
    );
    bareOnQueues.push(await playBare(stage, played.queues));
  }
  const whole = await playRelease(stage, everyStagePrefix);
  const inEach = Math.max(...releases.map((one) => one.queues.length));
  const activities = whole.queues.length;
  const { events } = whole;
  const seconds = releases.map((one) => one.seconds);
  const { timers, workflowTasks, children } = whole;
  report({
    bench,
    metric: 'activities of one release with every stage',
    value: activities,
    unit: 'activities',
    target: `<= ${targets.activities}`,
    ok: activities <= targets.activities,
  });
  report({
    bench,
    metric: 'history events of one release with every stage over all its workflows',
    value: events,
    unit: 'events',
    target: `<= ${targets.events}`,
    ok: events <= targets.events,
    note: `${workflowTasks} workflow tasks, ${timers} timers, ${children} child workflows`,
  });
  const time = (metric: string, values: number[], note?: string): void =>
    report({
      bench,
      metric,
      value: median(values),
      unit: 's',
      target: null,
      ok: null,
      spread: spreadOf(values),
      ...(note ? { note } : {}),
    });
  const ratio = (metric: string, yardstick: number[]): void => {
    const values = seconds.map((value, index) => value / yardstick[index]!);
    const value = median(values);
    const target = `<= ${targets.ratio}`;
    const note = `load average ${loadavg()[0]!.toFixed(1)}`;
    report({ bench, metric, value, unit: 'ratio', target, ok: value <= targets.ratio, spread: spreadOf(values), note });
  };
  time('release with instant activities', seconds, `steps and bake of PT0S: the release sleeps 0 s in all`);
  time(`${inEach} bare activities one after the other`, bare, 'on the queue of their own workflow');
  time(`${inEach} bare activities on the queues of the release`, bareOnQueues);
  ratio('release over bare activities', bare);
  ratio('release over bare activities on its own queues', bareOnQueues);
}

reportMachine({ bench });
const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
const environment = await localEnvironment({ databaseFile: join(folder, 'temporal.db') });
const world = await createWorld({ rollout });
let revision = 0;
const before = { ...world.activities };
const instantPlan = async () => ({ revision: (revision += 1), at: new Date().toISOString() });
const activities = Object.assign(world.activities, {
  bareCall: async () => undefined,
  openRelease: async (input: Parameters<typeof before.openRelease>[0]) => ({
    ...(await before.openRelease(input)),
    ...(input.model.startsWith(everyStagePrefix) && { rollout: everyStage }),
  }),
  writePlan: instantPlan,
  restoreChampion: instantPlan,
});
const queuePrefix = 'bench-';
const workers = await createWorkers({
  connection: environment.nativeConnection,
  namespace: environment.namespace ?? 'default',
  queuePrefix,
  activities,
  code: {
    workflowBundle: await bundleWorkflowCode({
      ...workflowSource({
        workflows: fileURLToPath(new URL('support/control-plane-workflows.ts', import.meta.url)),
      }),
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    }),
  },
});
const running = workers.run();
try {
  await measure({ environment, taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }) });
} finally {
  workers.shutdown();
  await running;
  await environment.teardown();
  await world.dispose();
  await rm(folder, { recursive: true, force: true });
}
