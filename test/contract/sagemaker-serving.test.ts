import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { PortError } from '../../src/activities/ports.js';
import { adapterManifest, manifestKey } from '../../src/adapters/adapter-manifest.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { FollowedRouter } from '../../src/adapters/followed-router.js';
import { endpointName, variantName } from '../../src/adapters/sagemaker-endpoint/endpoint-plan.js';
import { Endpoints } from '../../src/adapters/sagemaker-endpoint/endpoints.js';
import { SageMakerServing } from '../../src/adapters/sagemaker-endpoint/sagemaker-serving.js';
import { VariantScaling } from '../../src/adapters/sagemaker-endpoint/variant-scaling.js';
import { VariantSplit } from '../../src/adapters/sagemaker-endpoint/variant-split.js';
import { addDesired, removeDesired } from '../../src/adapters/vllm-serving/desired-adapters.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { championOnly, type Target } from '../../src/domain/rollout/traffic-plan.js';
import { buildBridge } from '../../src/sagemaker-bridge/app.js';
import { SageMakerStub } from '../support/sagemaker-stub/server.js';
import { s3Credentials } from '../support/versitygw-server.js';
import { describeServingPlatform } from './serving-platform-contract.js';
import { expectPortError } from './support/expect-port-error.js';

const base = 'tiny';
const instances = { least: 1, most: 3, invocationsTarget: 60 };
const hosting = {
  image: 'vllm@sha256:0',
  roleArn: 'arn:aws:iam::123456789012:role/understudy-serving',
  baseModels: { [base]: 's3://models/bases/tiny/' },
  instanceType: 'ml.g5.2xlarge',
  ...{
    instances,
    maxLoraRank: 16,
    kmsKey: 'alias/understudy',
    subnets: [],
    securityGroups: [],
    tags: { team: 'search' },
  },
};

describe('SageMakerServing on the stub', function () {
  this.timeout(60_000);
  const stub = new SageMakerStub({ s3: new S3Client({ region: 'us-east-1' }), command: [] });
  let client: SageMakerClient;
  let runtime: SageMakerRuntimeClient;
  let scaling: VariantScaling;
  let bridge: FastifyInstance;
  let address: string;
  let root: string;
  let adapter: ArtifactRef;
  const store = (): DirectoryStore => new DirectoryStore({ root });
  const endpoints = (): Endpoints => new Endpoints({ client });
  const serving = (): SageMakerServing =>
    new SageMakerServing({
      ...{ endpoints: endpoints(), scaling, runtime, store: store(), hosting, bridge: address, offline: null },
      uriOf: (key) => `s3://understudy/${key}`,
    });
  /** As Temporal does: again while the endpoint is changing. */
  async function insisting<Value>(call: () => Promise<Value>): Promise<Value> {
    for (;;)
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof PortError && error.type === 'Unavailable')) throw error;
        await wait(20);
      }
  }
  /** The same platform behind an activity that tries again. */
  const insistent = () => {
    const inner = serving();
    return {
      deploy: (input: Parameters<SageMakerServing['deploy']>[0]) => insisting(() => inner.deploy(input)),
      retire: (input: { model: string; releaseId: string }) => insisting(() => inner.retire(input)),
      capacity: (input: Parameters<SageMakerServing['capacity']>[0]) => inner.capacity(input),
      readiness: (input: { releaseId: string }) => inner.readiness(input),
      served: (input: { model: string }) => inner.served(input),
    };
  };
  const deploy = (model: string, releaseId: string) => insistent().deploy({ model, releaseId, base, adapter });
  async function ready(releaseId: string): Promise<string> {
    for (;;) {
      const { ready: done, reason } = await serving().readiness({ releaseId });
      if (done) return reason;
      await wait(20);
    }
  }

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-endpoints-'));
    const options = { endpoint: await stub.listen(), region: 'us-east-1', credentials: s3Credentials, maxAttempts: 1 };
    client = new SageMakerClient(options);
    runtime = new SageMakerRuntimeClient(options);
    scaling = new VariantScaling({ client: new ApplicationAutoScalingClient(options), instances });
    bridge = buildBridge({ runtime, apiKey: 'key' });
    address = await bridge.listen({ host: '127.0.0.1', port: 0 });
    const name = 'adapter_model.safetensors';
    const { sha256, bytes } = await store().put({ key: `releases/r/adapter/${name}`, body: Buffer.from('weights') });
    const manifest = adapterManifest([{ name, sha256, bytes }]);
    adapter = await store().put({ key: manifestKey('releases/r/adapter'), body: manifest });
    stub.respond = ({ variant, body }) => {
      if (body.stream) return { status: 200, parts: ['data: {"choices":[]}\n\n', 'data: [DONE]\n\n'] };
      if (body.model === 'broken') return { status: 400, parts: ['{"error":{"message":"no such model"}}'] };
      return { status: 200, parts: [JSON.stringify({ choices: [{ message: { content: variant } }] })] };
    };
  });
  after(async () => {
    await bridge.close();
    await stub.close();
    await rm(root, { recursive: true, force: true });
  });

  const ask = (endpoint: string, body: object, key = 'key') =>
    fetch(`${endpoint}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ messages: [], ...body }),
    });

  describeServingPlatform({
    name: 'SageMakerServing',
    open: insistent,
    base,
    adapter: () => adapter,
    ask: async ({ endpoint, adapter: model }) => {
      const answer = await ask(endpoint, { model });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return answer.text();
    },
    withinMilliseconds: 10_000,
  });

  describe('SageMakerServing', () => {
    it('gives each release a variant of its own with the base and its adapter, and scales it', async () => {
      const served = await deploy('shop', 'shop-r1');
      await ready('shop-r1');
      const [model] = [...stub.hosted.models.values()].filter(({ ModelName }) => ModelName!.startsWith('shop-r1'));
      const { PrimaryContainer } = model!;
      expect(PrimaryContainer!.ModelDataSource!.S3DataSource!.S3Uri).to.equal('s3://models/bases/tiny/');
      expect(PrimaryContainer!.AdditionalModelDataSources![0]!.S3DataSource!.S3Uri).to.equal(
        's3://understudy/releases/r/adapter/',
      );
      expect(PrimaryContainer!.Environment!.SM_VLLM_LORA_MODULES).to.match(/^shop-r1=\/opt\/ml/);
      const scaled = stub.hosted.scaled.get(`endpoint/${endpointName('shop')}/variant/${variantName('shop-r1')}`);
      expect(scaled).to.deep.equal({ least: 1, most: 3, target: 60 });
      expect(await (await ask(served.endpoint, { model: 'shop-r1' })).text()).to.contain(variantName('shop-r1'));
    });

    it("changes an endpoint with what scaling and plans have set, and without SageMaker's own guardrails", async () => {
      const updates: object[] = [];
      client.middlewareStack.add(
        (next, { commandName }) =>
          (call) => {
            if (commandName === 'UpdateEndpointCommand') updates.push(call.input);
            return next(call);
          },
        { step: 'initialize', name: 'updates' },
      );
      await deploy('shop', 'shop-r2');
      await ready('shop-r2');
      client.middlewareStack.remove('updates');
      expect(updates.at(-1)).to.include({ EndpointName: endpointName('shop'), RetainAllVariantProperties: true });
      for (const update of updates) expect(update).not.to.have.property('DeploymentConfig');
    });

    it('leaves no endpoint, configuration, model or scaling behind', async () => {
      const ours = () => [...stub.hosted.configs.keys()].filter((name) => name.includes('shop'));
      await insistent().retire({ model: 'shop', releaseId: 'shop-r1' });
      await serving().reconcile();
      await stub.hosted.close();
      await serving().reconcile();
      expect([...stub.hosted.models.keys()].filter((name) => name.startsWith('shop'))).to.have.length(1);
      expect(ours()).to.have.length(1);
      await insistent().retire({ model: 'shop', releaseId: 'shop-r2' });
      const left = [stub.hosted.models, stub.hosted.configs, stub.hosted.endpoints, stub.hosted.scaled];
      expect(left.flatMap((map) => [...map.keys()]).filter((name) => name.includes('shop'))).to.deep.equal([]);
    });

    it('says why an endpoint never gets ready, and makes it anew when it is asked again', async () => {
      stub.hosted.failsNext = 'The primary container for production variant did not pass the ping health check.';
      await deploy('slow', 'slow-r1');
      await wait(150);
      const told = await serving().readiness({ releaseId: 'slow-r1' });
      expect(told.ready).to.equal(false);
      expect(told.reason).to.contain('Failed').and.to.contain('ping health check');
      await deploy('slow', 'slow-r1');
      await ready('slow-r1');
    });

    it('keeps the champion on its endpoint where a challenger finds no instances, and says so', async () => {
      stub.hosted.failsNext = 'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity.';
      await deploy('slow', 'slow-r2');
      await wait(150);
      const told = await serving().readiness({ releaseId: 'slow-r2' });
      expect(told.reason).to.contain('has no variant').and.to.contain('InsufficientInstanceCapacity');
      expect((await serving().readiness({ releaseId: 'slow-r1' })).ready).to.equal(true);
      await insistent().retire({ model: 'slow', releaseId: 'slow-r2' });
      expect((await serving().readiness({ releaseId: 'slow-r1' })).ready).to.equal(true);
    });

    it('has room for the tenth release, also once it is there, and for no eleventh', async () => {
      const release = { model: 'full', base, adapter: null };
      for (let number = 1; number <= 10; number += 1)
        await addDesired({ store: store(), releaseId: `full-r${number}`, release });
      const room = async (releaseId: string) => (await serving().capacity({ model: 'full', releaseId })).enough;
      expect([await room('full-r10'), await room('full-r11')]).to.deep.equal([true, false]);
      for (let number = 1; number <= 10; number += 1)
        await removeDesired({ store: store(), releaseId: `full-r${number}` });
    });

    it('refuses an endpoint of somebody else, and leaves it alone', async () => {
      const EndpointName = endpointName('taken');
      const EndpointConfigName = [...stub.hosted.configs.keys()][0];
      await client.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
      await expectPortError(
        serving().deploy({ model: 'taken', releaseId: 'taken-r1', base, adapter }),
        'InvalidInput',
        'somebody else',
      );
      await wait(100);
      await expectPortError(
        serving().retire({ model: 'taken', releaseId: 'taken-r1' }),
        'InvalidInput',
        'somebody else',
      );
      expect(stub.hosted.endpoints.has(EndpointName)).to.equal(true);
    });

    it('shows plans as weights of variants, for those that name none', async () => {
      await deploy('split', 'split-r1');
      await ready('split-r1');
      await deploy('split', 'split-r2');
      await ready('split-r2');
      const split = new VariantSplit({ endpoints: endpoints(), lookMilliseconds: 10 });
      const router = new FollowedRouter({ store: store(), split });
      const owner = { workflowId: 'rollout:split-r2', epoch: 2 };
      const target = (releaseId: string): Target => ({
        ...{ releaseId, adapter: releaseId, promptDigest: null, indexVersion: null },
        endpoint: `${address}/endpoints/x/variants/y/v1`,
      });
      const write = (change: object) =>
        router.write({ model: 'split', owner, expectedRevision: null, change: { reason: 'test', ...change } });
      const asked = async (count: number): Promise<number> => {
        let challenger = 0;
        for (let at = 0; at < count; at += 1) {
          const Body = Buffer.from(JSON.stringify({ model: 'split' }));
          const answer = await runtime.send(new InvokeEndpointCommand({ EndpointName: endpointName('split'), Body }));
          if (answer.InvokedProductionVariant === variantName('split-r2')) challenger += 1;
        }
        return challenger;
      };
      await write({ champion: target('split-r1') });
      expect(await asked(40)).to.equal(0);
      const leaseUntil = new Date(Date.now() + 600_000).toISOString();
      await write({ challenger: target('split-r2'), challengerShare: 0.25, leaseUntil });
      expect(await asked(100)).to.be.within(22, 28);
      await write(championOnly('back'));
      expect(await asked(40)).to.equal(0);
      await expectPortError(write({ champion: target('split-r9') }), 'InvalidInput', 'split-r9 has no variant');
    });

    it('answers in a stream, passes on what the model said, and asks for its key', async () => {
      const endpoint = `${address}/endpoints/${endpointName('split')}/variants/${variantName('split-r1')}/v1`;
      const streamed = await ask(endpoint, { model: 'split-r1', stream: true });
      expect(streamed.headers.get('content-type')).to.contain('text/event-stream');
      expect(await streamed.text()).to.equal('data: {"choices":[]}\n\ndata: [DONE]\n\n');
      const broken = await ask(endpoint, { model: 'broken' });
      expect([broken.status, await broken.text()]).to.deep.equal([400, '{"error":{"message":"no such model"}}']);
      expect((await ask(endpoint, {}, 'wrong')).status).to.equal(401);
      const gone = await ask(endpoint.replace(variantName('split-r1'), 'nobody'), {});
      expect([gone.status, await gone.text()].join()).to.match(/^400.*Variant nobody not found/);
    });
  });
});
