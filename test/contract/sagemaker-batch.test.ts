import { expect } from 'chai';
import type { ServingPlatform } from '../../src/activities/ports.js';
import { batchName } from '../../src/adapters/sagemaker-batch/batch-address.js';
import { describeChatModel } from './chat-model-contract.js';
import { describeServingPlatform } from './serving-platform-contract.js';
import { alone, base, BatchWorld, hosting } from './support/batch-world.js';
import { expectPortError } from './support/expect-port-error.js';

const golden = Array.from({ length: 300 }, (_, index) => `Where is parcel number ${index}?`);

describe('SageMaker: answers by batch transform, on the stub and moto', function () {
  this.timeout(60_000);
  const world = new BatchWorld();
  before(() => world.start());
  after(() => world.stop());
  const jobs = () => world.stub.transforms.created;

  it('packs base and adapter once, and makes nothing else before somebody asks', async () => {
    const served = await world.deploy('shop-r1');
    expect(served.endpoint).to.equal('sagemaker-batch://shop/v1');
    expect(served.liveEndpoint).to.match(/^http.*\/v1$/);
    expect(served.adapter).to.equal('shop-r1');
    expect(await world.serving().readiness({ releaseId: 'shop-r1', offline: alone })).to.deep.equal({
      ...{ ready: true, reason: 'shop-r1 takes questions' },
    });
    const keys = await world.keysOf('shop-r1');
    expect(keys.filter((key) => key.endsWith('/model.tar.gz'))).to.have.length(1);
    await world.deploy('shop-r1');
    expect(await world.keysOf('shop-r1')).to.deep.equal(keys);
    expect([world.stub.hosted.models.size, world.stub.hosted.endpoints.size, jobs().length]).to.deep.equal([1, 0, 0]);
    const [model] = world.stub.hosted.models.values();
    expect(model!.PrimaryContainer!.ModelDataUrl).to.match(
      /^s3:\/\/understudy-batch\/team\/archives\/.*model\.tar\.gz$/,
    );
    expect(model!.PrimaryContainer).not.to.include.any.keys('ModelDataSource', 'AdditionalModelDataSources');
    expect(model).to.deep.include({ VpcConfig: { Subnets: ['subnet-a'], SecurityGroupIds: ['sg-a'] } });
  });

  it('makes one job of a golden set of hundreds, and gives each asker its answer', async () => {
    const answers = await world.askAll(golden);
    expect(answers).to.deep.equal(golden.map((content) => `shop-r1: ${content}`));
    expect(jobs()).to.have.length(1);
    expect([...world.stub.transforms.unpacked.values()][0]).to.deep.equal([
      ...['adapter', 'adapter/adapter_model.safetensors', 'base', 'base/config.json', 'base/model.safetensors'],
    ]);
    const job = jobs()[0]!;
    expect(job.TransformJobName).to.match(/^[a-zA-Z0-9-]{1,63}$/);
    expect(job).to.deep.include({ BatchStrategy: 'SingleRecord', MaxConcurrentTransforms: 8, MaxPayloadInMB: 6 });
    expect(job.TransformInput).to.deep.include({ SplitType: 'Line', ContentType: 'application/json' });
    expect(job.TransformOutput).to.deep.include({ AssembleWith: 'Line', KmsKeyId: hosting.kmsKey });
    // A g5 brings disks of its own, for which SageMaker takes no key.
    expect(job.TransformResources).to.deep.equal({
      ...{ InstanceType: 'ml.g5.2xlarge', InstanceCount: 2, TransformAmiVersion: 'al2-ami-sagemaker-batch-gpu-535' },
    });
    expect(job.Tags).to.deep.include({ Key: 'team', Value: 'search' });
    expect(job.Tags).to.deep.include({ Key: 'understudy:model', Value: 'shop' });
    expect((await world.keysOf('shop-r1')).filter((key) => key.includes('/questions/'))).to.have.length(5);
  });

  it('asks nothing twice that was answered, and only what is missing', async () => {
    const before = jobs().length;
    const answers = await world.askAll([...golden.slice(0, 40), 'Something else?', golden[0]!]);
    expect(answers.slice(-2)).to.deep.equal(['shop-r1: Something else?', `shop-r1: ${golden[0]}`]);
    expect(jobs()).to.have.length(before + 1);
    expect(world.stub.transforms.asked.filter(({ job }) => job === jobs().at(-1)!.TransformJobName)).to.have.length(1);
    const reply = await world.ask(golden[5]!);
    expect(reply).to.deep.include({
      text: `shop-r1: ${golden[5]}`,
      promptTokens: 3,
      completionTokens: 2,
      queued: true,
    });
    expect(jobs()).to.have.length(before + 1);
  });

  it('asks for the format that users are answered in', async () => {
    const replyFormat = { name: 'summary', schema: { type: 'object' } };
    const reply = await world.ask(golden[0]!, { replyFormat });
    expect(reply).to.deep.include({ text: 'shop-r1: a summary', inFormat: true });
  });

  it('compares with the champion, whose archive is its own, and refuses one that is not there', async () => {
    await world.deploy('shop-r2', { beside: ['shop-r1'] });
    const [first, second] = await Promise.all(
      ['shop-r1', 'shop-r2'].map((model) => world.ask('who', { model, by: world.chat() })),
    );
    expect([first!.text, second!.text]).to.deep.equal(['shop-r1: who', 'shop-r2: who']);
    expect(await world.serving().served({ model: 'shop' })).to.have.members(['shop-r1', 'shop-r2']);
    await expectPortError(world.deploy('shop-r3', { beside: ['shop-r9'] }), 'InvalidInput', 'shop-r9');
    await expectPortError(world.ask('who', { model: 'shop-r8' }), 'NotFound', 'is it deployed');
  });

  it('packs anew what a changed base needs, and lets go of what was packed before', async () => {
    const before = [...world.stub.hosted.models.keys()];
    await world.putBase('{"hidden_size":65}');
    await world.deploy('shop-r2');
    const archives = (await world.keysOf('shop-r2')).filter((key) => key.endsWith('.tar.gz'));
    expect(archives).to.have.length(1);
    expect([...world.stub.hosted.models.keys()])
      .to.have.length(before.length)
      .and.not.to.deep.equal(before);
    const asked = world.stub.transforms.asked.length;
    expect((await world.ask('who', { model: 'shop-r2' })).text).to.equal('shop-r2: who');
    expect(world.stub.transforms.asked.length, 'an answer of another model is none of this one').to.equal(asked + 1);
  });

  it('shares what a base is asked by, which goes with its last release', async () => {
    await world.deploy('shop-r4', alone, null);
    await world.deploy('shop-r5', alone, null);
    await world.serving().retire({ model: 'shop', releaseId: 'shop-r4' });
    expect((await world.ask('base', { model: base })).text).to.equal(`${base}: base`);
    await world.serving().retire({ model: 'shop', releaseId: 'shop-r5' });
    expect(await world.keysOf(base)).to.deep.equal([]);
  });

  it('stops what still asks when a release is retired, and leaves nothing behind', async () => {
    world.stub.transforms.faults.held = true;
    const asked = world.ask('too late').catch((error: unknown) => error);
    const before = jobs().length;
    await world.until(() => jobs().length > before);
    for (const releaseId of ['shop-r1', 'shop-r2']) await world.serving().retire({ model: 'shop', releaseId });
    world.stub.transforms.faults.held = false;
    await world.until(() => world.statusOf(-1) === 'Stopped');
    expect(await asked).to.be.instanceOf(Error);
    for (const name of ['shop-r1', 'shop-r2']) expect(await world.keysOf(name)).to.deep.equal([]);
    expect([...world.stub.hosted.models.keys()]).to.deep.equal([]);
    expect(await world.serving().served({ model: 'shop' })).to.deep.equal([]);
  });

  describe('its port', () => {
    const offline = (): ServingPlatform => {
      const inner = world.serving();
      return {
        deploy: (input) => inner.deploy({ ...input, offline: alone }),
        readiness: (input) => inner.readiness({ ...input, offline: alone }),
        capacity: (input) => inner.capacity(input),
        retire: (input) => inner.retire(input),
        served: (input) => inner.served(input),
      };
    };
    describeServingPlatform({
      name: "SageMaker's serving by batch transform",
      ...{ open: offline, base, adapter: () => world.adapter, withinMilliseconds: 10_000 },
      ask: async ({ endpoint, adapter }) => (await askOf({ endpoint, model: adapter })).text,
    });
    describeChatModel({
      name: 'batch transform',
      open: () => world.chat(),
      target: () => ({ endpoint: 'sagemaker-batch://parcels/v1', model: 'parcels-r1' }),
    });
    const askOf = (target: { endpoint: string; model: string }) =>
      world.chat().complete({
        ...{ ...target, messages: [{ role: 'user' as const, content: 'Hello' }], maxTokens: 1, temperature: 0 },
        signal: new AbortController().signal,
      });
  });

  it('has names that differ for models and releases, and hold what SageMaker takes', () => {
    const names = [
      batchName({ model: 'a', name: 'a-r1' }),
      batchName({ model: 'a', name: 'a-r2' }),
      batchName({ model: 'x'.repeat(200), name: 'org/base_1.5' }),
    ];
    expect(new Set(names).size).to.equal(3);
    for (const name of names) expect(name).to.match(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
  });
});
