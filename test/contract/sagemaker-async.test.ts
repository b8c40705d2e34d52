import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { expect } from 'chai';
import { type OfflineUse, PortError } from '../../src/activities/ports.js';
import { adapterManifest, manifestKey } from '../../src/adapters/adapter-manifest.js';
import { S3Store } from '../../src/adapters/s3-store/s3-store.js';
import { asyncEndpointName, asyncFolder } from '../../src/adapters/sagemaker-async/async-address.js';
import { AsyncEndpointChat } from '../../src/adapters/sagemaker-async/async-chat.js';
import { AsyncServing } from '../../src/adapters/sagemaker-async/async-serving.js';
import { alarmName, QueueScaling } from '../../src/adapters/sagemaker-async/queue-scaling.js';
import { Endpoints } from '../../src/adapters/sagemaker-endpoint/endpoints.js';
import { SageMakerServing } from '../../src/adapters/sagemaker-endpoint/sagemaker-serving.js';
import { VariantScaling } from '../../src/adapters/sagemaker-endpoint/variant-scaling.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { startMoto } from '../support/moto-server.js';
import { SageMakerStub } from '../support/sagemaker-stub/server.js';
import { s3Credentials } from '../support/versitygw-server.js';
import { expectPortError } from './support/expect-port-error.js';

const base = 'tiny';
const bucket = 'understudy-async';
const root = `s3://${bucket}/`;
const instances = { least: 1, most: 1, invocationsTarget: 60 };
const hosting = {
  image: 'vllm@sha256:0',
  roleArn: 'arn:aws:iam::123456789012:role/understudy-serving',
  baseModels: { [base]: 's3://models/bases/tiny/' },
  instanceType: 'ml.g5.2xlarge',
  ...{ instances, maxLoraRank: 16, kmsKey: 'alias/understudy', subnets: [], securityGroups: [], tags: {} },
};
const queue = { instanceType: null, most: 2, requestsAtOnce: 8 };
const alone: OfflineUse = { beside: [] };

describe('SageMaker: answers that can wait, on the stub and moto', function () {
  this.timeout(60_000);
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;
  let stub: SageMakerStub;
  let alarms: CloudWatchClient;
  let serving: SageMakerServing;
  let chat: AsyncEndpointChat;
  let store: S3Store;
  let copies: string;
  let adapter: ArtifactRef;
  let chatOf: (times: { waitSeconds?: number }) => AsyncEndpointChat;

  before(async () => {
    moto = await startMoto();
    const aws = { region: 'us-east-1', credentials: s3Credentials, maxAttempts: 1 };
    s3 = new S3Client({ ...aws, endpoint: moto.endpoint, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    copies = await mkdtemp(join(tmpdir(), 'understudy-async-'));
    store = new S3Store({ place: { client: s3, bucket, prefix: '', kmsKey: null }, copies });
    stub = new SageMakerStub({ s3, command: [] });
    const client = { ...aws, endpoint: await stub.listen() };
    alarms = new CloudWatchClient({ ...aws, endpoint: moto.endpoint });
    const endpoints = new Endpoints({ client: new SageMakerClient(client) });
    const scaling = new ApplicationAutoScalingClient(client);
    const runtime = new SageMakerRuntimeClient(client);
    const uriOf = (key: string): string => `${root}${key}`;
    const keyOf = (uri: string): string | null => (uri.startsWith(root) ? uri.slice(root.length) : null);
    serving = new SageMakerServing({
      ...{ endpoints, store, hosting, uriOf, runtime, bridge: 'http://127.0.0.1:1' },
      scaling: new VariantScaling({ client: scaling, instances }),
      offline: new AsyncServing({
        ...{ endpoints, store, hosting, queue, uriOf },
        scaling: new QueueScaling({ scaling, alarms, most: queue.most }),
      }),
    });
    chatOf = (times) => new AsyncEndpointChat({ runtime, store, uriOf, keyOf, lookMilliseconds: 20, ...times });
    chat = chatOf({});
    const name = 'adapter_model.safetensors';
    const { sha256, bytes } = await store.put({ key: `releases/r/adapter/${name}`, body: Buffer.from('weights') });
    const manifest = adapterManifest([{ name, sha256, bytes }]);
    adapter = await store.put({ key: manifestKey('releases/r/adapter'), body: manifest });
    stub.respond = ({ body }) => {
      const [{ content }] = body.messages as [{ content: string }];
      if (content === 'too long') return { status: 400, parts: ['{"error":{"message":"maximum context length"}}'] };
      if (content === 'broken') return { status: 500, parts: ['out of memory'] };
      const format = body.response_format as { json_schema: { name: string } } | undefined;
      const text = format ? `a ${format.json_schema.name}` : content;
      const said = { choices: [{ message: { content: `${String(body.model)}: ${text}` } }] };
      return { status: 200, parts: [JSON.stringify({ ...said, usage: { prompt_tokens: 3, completion_tokens: 2 } })] };
    };
  });
  after(async () => {
    await stub.close();
    s3.destroy();
    alarms.destroy();
    await moto.stop();
    await rm(copies, { recursive: true });
  });

  const deploy = (releaseId: string, offline?: OfflineUse, model = 'shop', withAdapter = true) =>
    serving.deploy({ model, releaseId, base, adapter: withAdapter ? adapter : null, ...(offline && { offline }) });
  async function ready(releaseId: string, offline?: OfflineUse): Promise<void> {
    for (;;) {
      const told = await serving.readiness({ releaseId, ...(offline && { offline }) });
      if (told.ready) return;
      expect(told.reason).not.to.contain('Failed');
      await wait(20);
    }
  }
  const ask = (content: string, model: string, by = chat, signal = new AbortController().signal) =>
    by.complete({
      ...{ endpoint: 'sagemaker-async://shop/v1', model, messages: [{ role: 'user' as const, content }] },
      ...{ maxTokens: 8, temperature: 0, signal },
    });
  const endpoint = (name: string): string => asyncEndpointName({ model: 'shop', name });
  const hosted = (): string[] =>
    [stub.hosted.models, stub.hosted.configs, stub.hosted.endpoints, stub.hosted.scaled].flatMap((map) => [
      ...map.keys(),
    ]);

  it('asks a challenger before users have anything of it, in the order in which questions came', async () => {
    const served = await deploy('shop-r1', alone);
    expect(served.endpoint).to.equal('sagemaker-async://shop/v1');
    expect(served.liveEndpoint).to.match(/^http.*\/v1$/);
    await ready('shop-r1', alone);
    expect((await serving.readiness({ releaseId: 'shop-r1' })).ready, 'for users').to.equal(false);
    const answers = await Promise.all(['a', 'b', 'c'].map((one) => ask(one, served.adapter)));
    expect(answers.map(({ text }) => text)).to.deep.equal(['shop-r1: a', 'shop-r1: b', 'shop-r1: c']);
    expect(answers[0]).to.deep.include({ promptTokens: 3, completionTokens: 2, queued: true });
    const at = { AlarmNames: [alarmName(endpoint('shop-r1'))] };
    const { MetricAlarms } = await alarms.send(new DescribeAlarmsCommand(at));
    expect(MetricAlarms![0]).to.deep.include({ MetricName: 'HasBacklogWithoutCapacity', Threshold: 1 });
    expect(MetricAlarms![0]!.AlarmActions![0]).to.contain('understudy-first-instance');
  });

  it('has no instance while nobody asks, and gets one when somebody does', async () => {
    stub.hosted.quieten(endpoint('shop-r1'));
    const [variant] = stub.hosted.endpoints.get(endpoint('shop-r1'))!.ProductionVariants;
    expect(variant!.CurrentInstanceCount).to.equal(0);
    expect((await ask('after a quiet night', 'shop-r1')).text).to.equal('shop-r1: after a quiet night');
    expect(variant!.CurrentInstanceCount).to.equal(1);
  });

  it('does not ask twice what another worker has asked, also while the answer is under way', async () => {
    const before = stub.queue.taken.length;
    const killed = new AbortController();
    const [first, second] = [ask('once', 'shop-r1', chatOf({}), killed.signal), ask('a', 'shop-r1', chatOf({}))];
    expect((await second).text).to.equal('shop-r1: a');
    expect((await first).text).to.equal('shop-r1: once');
    expect((await ask('once', 'shop-r1', chatOf({}))).text).to.equal('shop-r1: once');
    expect(stub.queue.taken.length - before).to.equal(1);
  });

  it('asks for the format that users are answered in', async () => {
    const replyFormat = { name: 'summary', schema: { type: 'object' } };
    const reply = await chat.complete({
      ...{ endpoint: 'sagemaker-async://shop/v1', model: 'shop-r1', messages: [{ role: 'user', content: 'a' }] },
      ...{ maxTokens: 8, temperature: 0, signal: new AbortController().signal, replyFormat },
    });
    expect(reply).to.deep.include({ text: 'shop-r1: a summary', inFormat: true, queued: true });
    expect(await ask('a', 'shop-r1'))
      .to.deep.include({ text: 'shop-r1: a' })
      .and.not.to.have.property('inFormat');
  });

  it("passes on what the model's own server refused, and asks anew what failed", async () => {
    await expectPortError(ask('too long', 'shop-r1'), 'InvalidInput', 'maximum context length');
    await expectPortError(ask('broken', 'shop-r1'), 'Unavailable', 'out of memory');
    const before = stub.queue.taken.length;
    await expectPortError(ask('broken', 'shop-r1'), 'Unavailable', '(500)');
    expect(stub.queue.taken.length).to.equal(before + 1);
  });

  it('ends with the signal, and says so where no instance ever comes', async () => {
    stub.hosted.quieten(endpoint('shop-r1'));
    const scaled = stub.hosted.scaled.get(`endpoint/${endpoint('shop-r1')}/variant/release`)!;
    delete scaled.fromNone;
    const leaving = new AbortController();
    const asked = ask('never', 'shop-r1', chat, leaving.signal);
    const gone = new Error('cancelled');
    setTimeout(() => leaving.abort(gone), 50);
    expect(await asked.catch((error: unknown) => error)).to.equal(gone);
    await expectPortError(
      ask('no capacity', 'shop-r1', chatOf({ waitSeconds: 0.2 })),
      'Timeout',
      'has it found an instance',
    );
    scaled.fromNone = true;
  });

  it('compares with the champion where it has an endpoint for that too, and refuses one that is not there', async () => {
    await deploy('shop-r1');
    await ready('shop-r1');
    const offline = { beside: ['shop-r1'] };
    await deploy('shop-r2', offline);
    await ready('shop-r2', offline);
    const answers = await Promise.all(['shop-r1', 'shop-r2'].map((name) => ask('who', name)));
    expect(answers.map(({ text }) => text)).to.deep.equal(['shop-r1: who', 'shop-r2: who']);
    expect((await serving.served({ model: 'shop' })).sort()).to.deep.equal(['shop-r1', 'shop-r2']);
    await expectPortError(deploy('shop-r3', { beside: ['shop-r9'] }), 'InvalidInput', 'shop-r9');
  });

  it('shares the endpoint of a base, which goes with its last release', async () => {
    await deploy('shop-r4', alone, 'shop', false);
    await deploy('shop-r5', alone, 'shop', false);
    await ready('shop-r5', alone);
    await serving.retire({ model: 'shop', releaseId: 'shop-r4' });
    expect((await ask('base', base)).text).to.equal(`${base}: base`);
    await serving.retire({ model: 'shop', releaseId: 'shop-r5' });
    expect(stub.hosted.endpoints.has(endpoint(base))).to.equal(false);
    const error = await ask('gone', base).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(PortError);
    expect((error as PortError).message).to.contain('not found');
  });

  it('leaves no endpoint, alarm, question or answer behind', async () => {
    await serving.retire({ model: 'shop', releaseId: 'shop-r2' });
    for (;;)
      try {
        await serving.retire({ model: 'shop', releaseId: 'shop-r1' });
        break;
      } catch (error) {
        if (!(error instanceof PortError && error.type === 'Unavailable')) throw error;
        await wait(20);
      }
    expect(hosted()).to.deep.equal([]);
    const { MetricAlarms } = await alarms.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).to.deep.equal([]);
    const left: string[] = [];
    for await (const { key } of store.list({ prefix: `${asyncFolder(endpoint('shop-r1'))}/` })) left.push(key);
    expect(left).to.deep.equal([]);
    expect(await serving.served({ model: 'shop' })).to.deep.equal([]);
  });

  it('removes what stands behind an endpoint that SageMaker refused to make', async () => {
    stub.refuses = { 'SageMaker.CreateEndpoint': { name: 'ResourceLimitExceeded', message: 'quota of 0 instances' } };
    try {
      await expectPortError(deploy('few-r1', alone, 'few'), 'InvalidInput', 'quota of 0 instances');
      await expectPortError(deploy('few-r1', undefined, 'few'), 'InvalidInput', 'quota of 0 instances');
    } finally {
      stub.refuses = {};
    }
    expect(hosted()).to.have.length.above(0);
    await serving.retire({ model: 'few', releaseId: 'few-r1' });
    expect(hosted()).to.deep.equal([]);
  });
});
