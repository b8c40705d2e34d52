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
import type { PayloadKey } from '../../src/config/payload-keys.js';
import { Secret } from '../../src/config/secret.js';
import { workflowIds } from '../../src/contracts/names.js';
import { releaseMessages, rolloutMessages } from '../../src/contracts/release.js';
import { createWorkers } from '../../src/workers/workers.js';
import { localEnvironment } from '../support/temporal.js';
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
      expect((await database()).includes(planted)).to.equal(false);

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
      expect((await database()).includes(planted)).to.equal(false);
    } finally {
      await stop();
      await world.dispose();
    }
  });
});
