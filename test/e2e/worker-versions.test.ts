import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import { expect } from 'chai';
import { moveRelease } from '../../src/client/move-release.js';
import { describeWorkers, requireVersion, rollOutWorkers } from '../../src/client/worker-versions.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { queueName, workflowIds } from '../../src/contracts/names.js';
import { rolloutMessages } from '../../src/contracts/release.js';
import { createWorkers, type Workers } from '../../src/workers/workers.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { workflowBundle } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import { createWorld, ref, type World } from '../workflows/support/world.js';

const deploymentName = 'understudy';
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

describe('versions of the workers, on the dev server', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  let world: World;
  let changed: WorkflowBundle;
  const running: { buildId: string; workers: Workers; run: Promise<void> }[] = [];

  before(async () => {
    environment = await localEnvironment();
    world = await createWorld({ rollout: { bake: { duration: 'PT0S' } } });
    changed = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
      workflowInterceptorModules: [fileURLToPath(new URL('../replay/changed/another-order.ts', import.meta.url))],
      logger: silent,
    });
  });
  after(async () => {
    for (const { workers, run } of running) {
      workers.shutdown();
      await run;
    }
    await environment?.teardown();
    await world?.dispose();
  });

  const queuePrefix = `${randomUUID().slice(0, 8)}-`;
  const orchestration = queueName({ prefix: queuePrefix, queue: 'orchestration' });
  const place = () => ({ temporal: environment.client, deploymentName });

  /** Starts workers of a build; returns once the server knows them. */
  async function startBuild(buildId: string): Promise<void> {
    // Each build is a process of its own, with a connection of its own.
    const connection = await NativeConnection.connect({ address: environment.address });
    const workers = await createWorkers({
      connection,
      namespace: environment.namespace ?? 'default',
      queuePrefix,
      activities: world.activities,
      code: { workflowBundle: await workflowBundle() },
      version: { deploymentName, buildId },
    });
    running.push({ buildId, workers, run: workers.run().finally(() => connection.close()) });
    await known(buildId);
  }

  const known = (buildId: string) =>
    waitFor(async () => {
      const deployment = await describeWorkers(place()).catch(() => null);
      return deployment?.versions.some((one) => one.buildId === buildId) ? true : null;
    });

  async function stopBuild(buildId: string): Promise<void> {
    const index = running.findIndex((one) => one.buildId === buildId);
    const [{ workers, run }] = running.splice(index, 1) as [(typeof running)[number]];
    workers.shutdown();
    await run;
  }

  /** `worker move` in a process of its own, whose code says that it is this build. */
  const moveByCommand = ({ releaseId, checkout }: { releaseId: string; checkout: string }) =>
    promisify(execFile)(
      process.execPath,
      [
        ...['--import', 'tsx', fileURLToPath(new URL('../../src/client/cli/main.ts', import.meta.url))],
        ...['worker', 'move', releaseId, '--json'],
      ],
      {
        env: {
          ...process.env,
          ...{ UNDERSTUDY_HOME: world.root, TEMPORAL_ADDRESS: environment.address, UNDERSTUDY_BUILD_ID: checkout },
        },
      },
    );

  const buildOf = (workflowId: string) =>
    waitFor(async () => {
      const { raw } = await environment.client.workflow.getHandle(workflowId).describe();
      return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? null;
    });

  it('keep a release in flight on the version that began it, until somebody moves it', async () => {
    const { workflow } = environment.client;
    const model = 'm';
    await startBuild('b1');
    await rollOutWorkers({ ...place(), buildId: 'b1', percentage: 100 });
    const lifecycle = await workflow.start(modelLifecycle, {
      workflowId: workflowIds.lifecycle(model),
      taskQueue: orchestration,
      args: [{ model, specification: ref('spec'), state: null }],
    });
    const request = () =>
      lifecycle.executeUpdate(lifecycleMessages.requestRelease, {
        args: [{ kind: 'training', reason: 'new data', requestedBy: 'ann', priority: 'normal' }],
      });
    const waiting = (releaseId: string) =>
      waitFor(async () => {
        const handle = workflow.getHandle(workflowIds.rollout(releaseId));
        const told = await handle.query(rolloutMessages.progress).catch(() => null);
        return told?.stage === 'approval' ? (told.waiting?.evidenceDigest ?? null) : null;
      });
    const approve = async (releaseId: string) => {
      const evidenceDigest = await waiting(releaseId);
      await workflow.getHandle(workflowIds.rollout(releaseId)).executeUpdate(rolloutMessages.decide, {
        args: [{ decision: 'approve', by: 'bob', evidenceDigest, reason: '' }],
      });
    };
    await request();
    await waiting('m-r1');
    expect(await buildOf('release:m-r1')).to.equal('b1');
    expect(await buildOf('rollout:m-r1')).to.equal('b1');

    const lacking = await Worker.create({
      connection: environment.nativeConnection,
      namespace: environment.namespace ?? 'default',
      taskQueue: queueName({ prefix: queuePrefix, queue: 'data' }),
      workflowBundle: await workflowBundle(),
      workerDeploymentOptions: {
        version: { deploymentName, buildId: 'lacking' },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'PINNED',
      },
    });
    const problem = await lacking.runUntil(async () => {
      await known('lacking');
      return rollOutWorkers({ ...place(), buildId: 'lacking', percentage: 10, patienceMs: 1_000 }).catch(String);
    });
    expect(problem).to.match(
      /refuses build lacking of deployment understudy: .*missing active task queues.*serve every/,
    );

    await startBuild('b2');
    await rollOutWorkers({ ...place(), buildId: 'b2', percentage: 10 });
    expect(await describeWorkers(place())).to.include({ current: 'b1', ramping: 'b2', percentage: 10 });

    const took = await rollOutWorkers({ ...place(), buildId: 'b1', percentage: 90 }).catch(String);
    expect(took).to.match(/build b1 is the current one already: .*--build b2 --percentage 0/);
    await rollOutWorkers({ ...place(), buildId: 'b2', percentage: 0 });
    expect(await describeWorkers(place())).to.include({ current: 'b1', ramping: null, percentage: 0 });
    await rollOutWorkers({ ...place(), buildId: 'b2', percentage: 0 });
    const alone = await rollOutWorkers({ ...place(), buildId: 'b1', percentage: 0 }).catch(String);
    expect(alone).to.match(/build b1 is the current one already: no other build ramps/);
    await rollOutWorkers({ ...place(), buildId: 'b2', percentage: 10 });
    await rollOutWorkers({ ...place(), buildId: 'b1', percentage: 100 });
    expect(await describeWorkers(place())).to.include({ current: 'b1', ramping: null, percentage: 0 });
    await rollOutWorkers({ ...place(), buildId: 'b2', percentage: 100 });

    // The lifecycle follows the newest version with what it does next, once all of the server knows; the release stays.
    await waitFor(async () => {
      await lifecycle.executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'a look', by: 'ann' }] });
      return (await buildOf(lifecycle.workflowId)) === 'b2' ? true : null;
    });
    expect(await buildOf('release:m-r1')).to.equal('b1');
    const old = await waitFor(async () => {
      const { versions } = await describeWorkers(place());
      const b1 = versions.find((one) => one.buildId === 'b1')!;
      return b1.running.length === 2 ? b1 : null;
    });
    expect(old).to.deep.equal({ buildId: 'b1', role: 'old', running: ['release:m-r1', 'rollout:m-r1'] });

    await requireVersion({ ...place(), buildId: 'b2' });
    const unknown = await requireVersion({ ...place(), buildId: 'b9' }).catch(String);
    expect(unknown).to.contain('no worker of build b9 has begun yet').and.to.contain('b1');

    const asked = { ...place(), buildId: 'b2', releaseId: 'm-r1' };
    const refused = await moveRelease({ ...asked, options: { workflowBundle: changed } });
    expect(refused.moved).to.deep.equal([]);
    expect(refused.problems.map(({ workflowId, step }) => [workflowId, step])).to.deep.equal([
      ['release:m-r1', 'startTraining (start the training job)'],
    ]);
    expect(await buildOf('release:m-r1')).to.equal('b1');

    const moved = await moveByCommand({ releaseId: 'm-r1', checkout: 'b2' });
    expect(JSON.parse(moved.stdout)).to.deep.equal({
      ...{ releaseId: 'm-r1', buildId: 'b2', checkedBuild: 'b2', problems: [] },
      moved: ['release:m-r1', 'rollout:m-r1'],
    });
    await stopBuild('b1');
    await approve('m-r1');
    const first = await waitFor(async () => (await lifecycle.query(lifecycleMessages.describe)).ended[0] ?? null);
    expect(first).to.include({ releaseId: 'm-r1', outcome: 'promoted' });

    await lifecycle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'ann' }] });
    await request();
    await waiting('m-r2');
    expect(await buildOf('release:m-r2')).to.equal('b2');
    await lifecycle.terminate('the test is over');
    await workflow.getHandle('release:m-r2').terminate('the test is over');
  });
});
