import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { expect } from 'chai';
import getPort from 'get-port';
import { EncryptingCodec } from '../../src/adapters/payload-codec/encrypting-codec.js';
import { TemporalOutcomes } from '../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { Secret } from '../../src/config/secret.js';
import { localEnvironment } from '../support/temporal.js';
import { expectPortError } from './support/expect-port-error.js';
import type { ending } from './support/outcome-workflows.js';

describe('TemporalOutcomes', function () {
  this.timeout(60_000);
  const taskQueue = 'outcomes';
  let environment: TestWorkflowEnvironment;
  let worker: Worker;
  let running: Promise<void>;
  let outcomes: TemporalOutcomes;

  before(async () => {
    environment = await localEnvironment();
    worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('support/outcome-workflows.ts', import.meta.url)),
    });
    running = worker.run();
    outcomes = new TemporalOutcomes({ client: environment.client });
  });
  after(async () => {
    worker?.shutdown();
    await running;
    await environment?.teardown();
  });

  const start = async (how: 'complete' | 'fail' | 'wait') => {
    const workflowId = `release:${randomUUID()}`;
    const args: Parameters<typeof ending> = [{ how, again: how !== 'wait' }];
    const handle = await environment.client.workflow.start('ending', { workflowId, taskQueue, args });
    return { workflowId, handle };
  };
  const awaitOutcome = (workflowId: string, signal = new AbortController().signal) =>
    outcomes.awaitOutcome({ workflowId, signal });

  it('waits for the result, across continue-as-new', async () => {
    const { workflowId } = await start('complete');
    expect(await awaitOutcome(workflowId)).to.deep.equal({ kind: 'completed', result: { outcome: 'promoted' } });
  });

  it('says why a workflow failed', async () => {
    const { workflowId } = await start('fail');
    expect(await awaitOutcome(workflowId)).to.deep.equal({ kind: 'failed', reason: 'no data' });
  });

  it('tells a termination and a cancellation', async () => {
    const [one, other] = [await start('wait'), await start('wait')];
    const waiting = [awaitOutcome(one.workflowId), awaitOutcome(other.workflowId)] as const;
    await one.handle.terminate('by hand');
    await other.handle.cancel();
    expect(await waiting[0])
      .to.include({ kind: 'terminated' })
      .and.to.have.property('reason')
      .that.includes('by hand');
    expect(await waiting[1]).to.include({ kind: 'cancelled' });
  });

  it('tells a workflow that is not known', async () => {
    expect(await awaitOutcome('release:nobody-r1')).to.deep.equal({
      kind: 'notFound',
      reason: 'release:nobody-r1 is not known',
    });
  });

  it('says what a workflow was started with, through its codec, and nothing of one that is not known', async () => {
    const { workflowId, handle } = await start('wait');
    const { startTime } = await handle.describe();
    const known = await outcomes.startOf({ workflowId });
    expect(known!.arguments).to.deep.equal([{ how: 'wait', again: false }]);
    expect(Math.abs(Date.parse(known!.at) - startTime.getTime())).to.be.lessThan(1000);
    expect(await outcomes.startOf({ workflowId: 'release:nobody-r1' })).to.equal(null);

    const keys = [{ id: 'k', key: new Secret(Buffer.alloc(32, 7).toString('base64')) }];
    const dataConverter = { payloadCodecs: [new EncryptingCodec({ keys })] };
    const { connection } = environment;
    const client = new Client({ connection, dataConverter, namespace: environment.namespace ?? 'default' });
    const hidden = `release:${randomUUID()}`;
    await client.workflow.start('ending', { workflowId: hidden, taskQueue: 'nobody', args: [{ how: 'wait' }] });
    await expectPortError(outcomes.startOf({ workflowId: hidden }), 'Unavailable', hidden);
    const reader = new TemporalOutcomes({ client });
    expect((await reader.startOf({ workflowId: hidden }))!.arguments).to.deep.equal([{ how: 'wait' }]);
  });

  it("rejects with the signal's reason and leaves the workflow alone", async () => {
    const { workflowId, handle } = await start('wait');
    const controller = new AbortController();
    const reason = new Error('the activity was cancelled');
    const waiting = awaitOutcome(workflowId, controller.signal).then(
      () => null,
      (error: unknown) => error,
    );
    controller.abort(reason);
    expect(await waiting).to.equal(reason);
    expect((await handle.describe()).status.name).to.equal('RUNNING');
    await handle.terminate();
  });

  it('says Unavailable when Temporal is not there', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${await getPort()}`, interceptors: [] });
    const client = new Client({ connection });
    const away = new TemporalOutcomes({ client });
    const signal = new AbortController().signal;
    await expectPortError(away.awaitOutcome({ workflowId: 'release:m-r1', signal }), 'Unavailable', 'release:m-r1');
    await connection.close();
  });
});
