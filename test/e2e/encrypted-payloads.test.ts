import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { expect } from 'chai';
import { dataConverterOf } from '../../src/adapters/payload-codec/data-converter.js';
import { olderKeysCheck } from '../../src/client/cli/doctor-payload-keys.js';
import type { PayloadKey } from '../../src/config/payload-keys.js';
import { Secret } from '../../src/config/secret.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { releaseMessages, rolloutMessages } from '../../src/contracts/release.js';
import { createWorkers } from '../../src/workers/workers.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from '../workflows/support/lifecycle.js';
import { startRelease, waitFor } from '../workflows/support/started-release.js';
import { createWorld, type World } from '../workflows/support/world.js';
import { workflowBundle } from '../workflows/support/stage.js';

const newKey = (id: string): PayloadKey => ({ id, key: new Secret(randomBytes(32).toString('base64')) });
const planted = 'ada.lovelace@example.com';
const { History } = proto.temporal.api.history.v1;

describe('payloads of a real server', function () {
  this.timeout(180_000);
  let folder: string;
  let environment: TestWorkflowEnvironment;
  const [k1, k2] = [newKey('k1'), newKey('k2')];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-encrypted-'));
    environment = await localEnvironment({ databaseFile: join(folder, 'temporal.db') });
  });
  after(async () => {
    await environment?.teardown();
    await rm(folder, { recursive: true, force: true });
  });

  const clientWith = (keys: PayloadKey[]): Client =>
    new Client({ connection: environment.connection, dataConverter: dataConverterOf({ keys }) });

  /** Workers of one set of keys over the same world and queues; the function returned stops them. */
  async function startWorkers(world: World, queuePrefix: string, keys: PayloadKey[]): Promise<() => Promise<void>> {
    const workers = await createWorkers({
      connection: environment.nativeConnection,
      namespace: 'default',
      queuePrefix,
      activities: world.activities,
      dataConverter: dataConverterOf({ keys }),
    });
    const running = workers.run();
    return async () => {
      workers.shutdown();
      await running;
    };
  }

  /** What the server holds of the workflows, as it came: nothing is decoded. */
  async function rawHistories(releaseId: string): Promise<string> {
    const ids = [workflowIds.release(releaseId), workflowIds.rollout(releaseId), workflowIds.evaluation(releaseId)];
    const texts = await Promise.all(
      ids.map(async (workflowId) => {
        const { history } = await environment.connection.workflowService.getWorkflowExecutionHistory({
          namespace: 'default',
          execution: { workflowId },
        });
        return Buffer.from(History.encode(history!).finish()).toString('latin1');
      }),
    );
    return texts.join('\n');
  }

  const database = async (): Promise<string> => {
    const files = (await readdir(folder)).filter((name) => name.startsWith('temporal.db'));
    return (await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')))).join('\n');
  };

  /** What is no payload can be read there; what is planted can not, and neither can the keys. */
  async function expectHidden(releaseId: string): Promise<void> {
    const text = await database();
    expect(text.includes(releaseId), `the id of ${releaseId} in the clear`).to.equal(true);
    for (const key of [k1, k2].map((one) => one.key.reveal()))
      for (const secret of [planted, key, Buffer.from(key, 'base64').toString('latin1')])
        expect(text.includes(secret), secret).to.equal(false);
  }

  /** Waits until a worker could not go on with the rollout. */
  async function failedTask(releaseId: string): Promise<void> {
    const rollout = environment.client.workflow.getHandle(workflowIds.rollout(releaseId));
    await rollout.signal('nudge');
    await waitFor(async () => {
      const { pendingWorkflowTask } = (await rollout.describe()).raw;
      return (pendingWorkflowTask?.attempt ?? 0) > 1 ? true : null;
    });
  }

  async function approve(releaseId: string, client: Client): Promise<void> {
    const rollout = client.workflow.getHandle(workflowIds.rollout(releaseId));
    const { evidenceDigest } = await waitFor(async () => (await rollout.query(rolloutMessages.progress)).waiting);
    await rollout.executeUpdate(rolloutMessages.decide, {
      args: [{ decision: 'approve', by: 'bo', evidenceDigest: evidenceDigest!, reason: `read it, ${planted}` }],
    });
  }

  it('show nothing of a whole release, whose key is changed on the way and whose worker once had a wrong one', async () => {
    const world = await createWorld({
      rollout: { canary: { steps: [{ share: '5%', duration: 'PT0S' }] }, bake: { duration: 'PT0S' } },
    });
    const queuePrefix = 'encrypted-';
    const stage = { world, orchestration: `${queuePrefix}orchestration` };
    const first = clientWith([k1]);
    let stop = await startWorkers(world, queuePrefix, [k1]);
    const started = await startRelease({ environment: { client: first }, set: stage, reasons: [planted] });
    await started.waiting();
    await stop();

    stop = await startWorkers(world, queuePrefix, [{ ...newKey('k1') }]);
    await failedTask(started.input.releaseId);
    await stop();

    stop = await startWorkers(world, queuePrefix, [k2, k1]);
    try {
      const second = clientWith([k2, k1]);
      await approve(started.input.releaseId, second);
      const result = (await second.workflow.getHandle(started.handle.workflowId).result()) as { outcome: string };
      expect(result.outcome).to.equal('promoted');
      const raw = await rawHistories(started.input.releaseId);
      for (const secret of [planted, 'Dora', 'trainingDeadline', 'challengerShare', 'evidenceDigest'])
        expect(raw.includes(secret), secret).to.equal(false);
      expect(raw).to.contain('binary/encrypted').and.to.contain('k1').and.to.contain('k2');
      await expectHidden(started.input.releaseId);

      const history = await second.workflow.getHandle(started.handle.workflowId).fetchHistory();
      await Worker.runReplayHistory(
        {
          workflowBundle: await workflowBundle(),
          dataConverter: { payloadCodecs: dataConverterOf({ keys: [k2, k1] }).payloadCodecs! },
        },
        history,
        started.handle.workflowId,
      );
      const asked = (keys: PayloadKey[]): Promise<string> =>
        clientWith(keys)
          .workflow.getHandle(started.handle.workflowId)
          .query(releaseMessages.progress)
          .then(
            () => 'answered',
            (error: Error) => `${error.message} ${String(error.cause)}`,
          );
      expect(await asked([newKey('k2')]))
        .to.contain('payload key k2')
        .and.to.contain('UNDERSTUDY_PAYLOAD_KEYS');
      expect(await asked([k1])).to.contain('payload key k2: is not among k1');
    } finally {
      await stop();
      await world.dispose();
    }
  });

  it('need the old key no longer once the lifecycle and its Schedule were moved to the new one', async () => {
    const world = await createWorld({
      rollout: {
        approval: { automatic: true },
        canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
        bake: { duration: 'PT0S' },
      },
    });
    const queuePrefix = 'moved-';
    const orchestration = `${queuePrefix}orchestration`;
    const check = (keys: PayloadKey[], { fix }: { fix: boolean }) => {
      const { address } = environment;
      const place = { address, namespace: 'default', apiKey: null, dataConverter: dataConverterOf({ keys }) };
      return olderKeysCheck({ place, keys, fix });
    };
    const old = clientWith([k1]);
    let stop = await startWorkers(world, queuePrefix, [k1]);
    try {
      const { model, request, handle } = await startLifecycle({ environment: { client: old }, orchestration });
      const scheduleId = workflowIds.schedule(model);
      await old.schedule.create({
        scheduleId,
        spec: { intervals: [{ every: '30 days' }] },
        action: {
          ...{ type: 'startWorkflow', workflowType: 'scheduledTrigger', workflowId: `${scheduleId}:trigger` },
          ...{ taskQueue: orchestration, args: [{ model }] },
        },
      });
      const ended = (client: Client, count: number) =>
        waitFor(async () => {
          const state = await client.workflow.getHandle(handle.workflowId).query(lifecycleMessages.describe);
          return state.ended.length === count ? state.ended.map(({ outcome }) => outcome) : null;
        });
      await request();
      expect(await ended(old, 1)).to.deep.equal(['promoted']);
      await old.schedule.getHandle(scheduleId).trigger();
      expect(await ended(old, 2)).to.deep.equal(['promoted', 'promoted']);
      await stop();

      stop = await startWorkers(world, queuePrefix, [k2, k1]);
      const needed = `k1 is needed by ${handle.workflowId}, Schedule ${scheduleId}`;
      const kept = await check([k2, k1], { fix: false });
      expect(kept).to.include({ state: 'warning', found: needed });
      const dropped = await check([k2], { fix: true });
      expect(dropped).to.include({ state: 'failed', found: needed });
      expect(dropped.mend).to.contain('Add k1 to UNDERSTUDY_PAYLOAD_KEYS again');
      expect(await check([k2, k1], { fix: true })).to.include({ state: 'ok', found: 'none is needed besides k2' });
      await stop();

      stop = await startWorkers(world, queuePrefix, [k2]);
      const now = clientWith([k2]);
      await now.schedule.getHandle(scheduleId).trigger();
      expect(await ended(now, 3)).to.deep.equal(['promoted', 'promoted', 'promoted']);
      await now.schedule.getHandle(scheduleId).delete();
      await now.workflow.getHandle(handle.workflowId).terminate('the test is over');
    } finally {
      await stop();
      await world.dispose();
    }
  });

  it('show nothing of what a failure says, which who has the key still reads', async () => {
    const world = await createWorld({ fail: (activity) => (activity === 'prepareDataset' ? planted : null) });
    const queuePrefix = 'failing-';
    const stop = await startWorkers(world, queuePrefix, [k1]);
    try {
      const client = clientWith([k1]);
      const stage = { world, orchestration: `${queuePrefix}orchestration` };
      const started = await startRelease({ environment: { client }, set: stage });
      const result = await waitFor(async () => started.handle.result());
      expect(result).to.deep.include({ outcome: 'failed', reasons: [planted] });
      const raw = await environment.connection.workflowService.getWorkflowExecutionHistory({
        namespace: 'default',
        execution: { workflowId: started.handle.workflowId },
      });
      const bytes = Buffer.from(History.encode(raw.history!).finish()).toString('latin1');
      expect(bytes).to.contain('Encoded failure');
      expect(bytes.includes(planted)).to.equal(false);
      await expectHidden(started.input.releaseId);
    } finally {
      await stop();
      await world.dispose();
    }
  });
});
