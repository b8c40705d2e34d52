import { expect } from 'chai';
import { readPlatform } from '../../../src/config/platform.js';

const digest = `@sha256:${'0'.repeat(64)}`;
const content = {
  apiVersion: 'understudy/v1',
  training: {
    image: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/understudy-training${digest}`,
    roleArn: 'arn:aws:iam::123456789012:role/understudy-training',
    baseModels: { 'org/model': 's3://models/bases/model/' },
    hourlyPrices: { 'ml.g5.2xlarge': 1.5 },
    keepWarm: '30m',
  },
  serving: {
    namespace: 'understudy',
    pools: {
      'org/model': {
        image: `vllm/vllm-openai${digest}`,
        modelPath: 'bases/model',
        claims: { models: 'models', store: 'store' },
        requests: { cpu: '4', memory: '16Gi' },
        apiKeySecret: 'vllm',
      },
    },
  },
};

describe('readPlatform', () => {
  it('reads a platform and fills in what has a default', () => {
    const { training, serving } = readPlatform({ path: 'platform.yaml', content });
    expect(training).to.deep.include({ keepWarm: 1800, subnets: [], kmsKey: null });
    expect(serving.pools['org/model']).to.deep.include({
      gpus: { resource: 'nvidia.com/gpu', count: 1 },
      replicas: { least: 1, most: 1, waitingTarget: 4 },
      machines: 1,
      scaling: { by: 'hpa' },
    });
  });

  it('takes the shapes of pools that fit together, and names those that do not', () => {
    const poolWith = (changes: object) => {
      const pool = { ...content.serving.pools['org/model'], ...changes };
      const serving = { ...content.serving, pools: { 'org/model': pool } };
      return readPlatform({ path: 'platform.yaml', content: { ...content, serving } }).serving.pools['org/model'];
    };
    const replicas = { least: 0, most: 2 };
    const keda = { by: 'keda', prometheus: 'http://prometheus:9090', idle: '45m' };
    expect(poolWith({ replicas, scaling: keda })!.scaling).to.deep.equal({
      by: 'keda',
      prometheus: 'http://prometheus:9090',
      idleSeconds: 2700,
    });
    expect(() => poolWith({ replicas })).to.throw('pools.org/model.replicas.least: expected 1 or more, or scaling');
    expect(() => poolWith({ replicas, scaling: { ...keda, prometheus: 'prometheus' } })).to.throw('scaling.prometheus');
    expect(() => poolWith({ machines: 0 })).to.throw('machines');
    const adapters = { repository: 'registry.example.com/adapters' };
    expect(poolWith({ adapters, apart: true })!.adapters).to.deep.include({ ...adapters, rank: 64 });
    expect(() => poolWith({ adapters })).to.throw('pools.org/model.apart: expected true with adapters.repository');
    expect(() => poolWith({ adapters: { repository: 'a/b:tag' }, apart: true })).to.throw('adapters.repository');
  });

  it('serves from Bedrock in place of pods, and from one of both', () => {
    const { serving: _pods, ...rest } = content;
    const bedrock = { region: 'eu-central-1', roleArn: 'arn:aws:iam::123456789012:role/import' };
    const platform = readPlatform({ path: 'platform.yaml', content: { ...rest, bedrock } });
    expect(platform.bedrock).to.deep.include({ ...bedrock, mostModels: 3, kmsKey: null });
    expect(platform.serving.pools).to.deep.equal({});
    for (const wrong of [rest, { ...content, bedrock }])
      expect(() => readPlatform({ path: 'platform.yaml', content: wrong })).to.throw(/serving: expected pools/);
  });

  it('asks for pods of its own for each release where routes tell them apart', () => {
    const routing = { gateway: { name: 'public', namespace: 'infra' }, domain: 'models.example.com' };
    expect(() => readPlatform({ path: 'platform.yaml', content: { ...content, routing } })).to.throw(
      'serving.pools.org/model.apart: expected true with routing',
    );
    const pool = { ...content.serving.pools['org/model'], apart: true };
    const serving = { ...content.serving, pools: { 'org/model': pool } };
    expect(readPlatform({ path: 'platform.yaml', content: { ...content, serving, routing } }).routing).to.deep.equal(
      routing,
    );
  });

  it('takes endpoints of SageMaker in place of pods, never both', () => {
    const image = `vllm${digest}`;
    const endpoints = {
      image,
      roleArn: content.training.roleArn,
      instanceType: 'ml.g5.2xlarge',
      bridge: 'http://bridge:8088/',
    };
    const { serving: _pods, ...hosted } = { ...content, endpoints };
    expect(readPlatform({ path: 'platform.yaml', content: hosted }).endpoints).to.deep.include({
      bridge: 'http://bridge:8088',
      instances: { least: 1, most: 1, invocationsTarget: 60 },
      weights: false,
    });
    expect(() => readPlatform({ path: 'platform.yaml', content: { ...content, endpoints } })).to.throw(
      'expected pools',
    );
  });

  it('refuses what AWS would refuse only once a job begins: half a network, an instance kept warm too long', () => {
    const trained = (changes: object) =>
      readPlatform({ path: 'platform.yaml', content: { ...content, training: { ...content.training, ...changes } } });
    const network = { subnets: ['subnet-a'], securityGroups: ['sg-1'] };
    expect(trained(network).training).to.deep.include(network);
    for (const half of [{ subnets: ['subnet-a'] }, { securityGroups: ['sg-1'] }])
      expect(() => trained(half)).to.throw('training.securityGroups: expected security groups with subnets');
    expect(trained({ keepWarm: '1h' }).training.keepWarm).to.equal(3600);
    expect(() => trained({ keepWarm: '61m' })).to.throw('training.keepWarm: expected 1h at most');
  });

  it('asks what can wait at endpoints of its own or by batch transform, each with its own settings', () => {
    const { serving: _pods, ...rest } = content;
    const read = (offline: object) => {
      const { roleArn } = content.training;
      const place = { image: `vllm${digest}`, roleArn, instanceType: 'ml.g5.2xlarge', bridge: 'http://bridge:8088' };
      const file = { ...rest, endpoints: { ...place, offline } };
      return readPlatform({ path: 'platform.yaml', content: file }).endpoints!.offline;
    };
    expect(read({ most: 2 })).to.deep.equal({ by: 'endpoints', instanceType: null, most: 2, requestsAtOnce: 8 });
    expect(read({ by: 'batch', requestsAtOnce: 100, ami: null })).to.deep.equal({
      ...{ by: 'batch', instanceType: null, most: 1, requestsAtOnce: 100, ami: null },
    });
    expect(() => read({ by: 'batch', requestsAtOnce: 101 })).to.throw('endpoints.offline.requestsAtOnce: expected 100');
    expect(() => read({ by: 'endpoints', ami: 'x' })).to.throw('endpoints.offline');
    expect(() => read({ by: 'mail' })).to.throw('endpoints.offline.by');
  });

  it('names every problem at once, with its field', () => {
    const wrong = {
      ...content,
      training: { ...content.training, image: 'latest', hourlyPrices: { 'g5.2xlarge': -1 } },
      serving: { namespace: 'a b', pools: {} },
    };
    expect(() => readPlatform({ path: 'platform.yaml', content: wrong }))
      .to.throw()
      .with.property('message')
      .that.matches(/^platform\.yaml: \d problems/)
      .and.contains('training.image: expected an image by its digest')
      .and.contains('training.hourlyPrices')
      .and.contains('serving.namespace: expected a name of Kubernetes');
  });
});
