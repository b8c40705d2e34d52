import type { KubernetesObject, V1Deployment, V1NetworkPolicy } from '@kubernetes/client-node';
import { expect } from 'chai';
import { manifestsOf } from '../../infra/kubernetes/manifests.js';
import type { Installation } from '../../infra/kubernetes/parts.js';
import { platformOf } from '../../infra/kubernetes/platform.js';
import { bridgePort } from '../../infra/limits.js';
import { readSettings } from '../../infra/settings.js';
import { readPlatform } from '../../src/config/platform.js';
import { exampleInstallation, exampleSettings } from './support/example-installation.js';

const image = `763104351884.dkr.ecr.eu-central-1.amazonaws.com/vllm@sha256:${'1'.repeat(64)}`;
const endpoints = { image, instanceType: 'ml.g5.2xlarge', offline: { most: 2 } };
const read = (change: object) => readSettings({ path: 'mine.yaml', content: { ...exampleSettings(), ...change } });
const roleArn = 'arn:aws:iam::123456789012:role/understudy-serving';

function onEndpoints(): Installation {
  const { outputs } = exampleInstallation();
  return { settings: read({ gpus: null, endpoints }), outputs: { ...outputs, ServingRoleArn: roleArn } };
}

describe("an installation that serves by SageMaker's endpoints", () => {
  const manifests = manifestsOf(onEndpoints());
  const named = <T extends KubernetesObject>(kind: string, name: string): T | undefined =>
    manifests.find((object) => object.kind === kind && object.metadata?.name === name) as T | undefined;

  it('has a platform file that workers read, in its own network and under the role of the stacks', () => {
    const content = platformOf(onEndpoints()) as unknown;
    const { endpoints: hosted, serving } = readPlatform({ path: 'platform.yaml', content });
    expect(hosted).to.deep.include({
      roleArn,
      bridge: `http://bridge:${bridgePort}`,
      subnets: ['subnet-a', 'subnet-b', 'subnet-c'],
    });
    expect(hosted!.offline).to.deep.equal({ by: 'endpoints', instanceType: null, most: 2, requestsAtOnce: 8 });
    expect(serving.pools).to.deep.equal({});
    const byBatch = read({ gpus: null, endpoints: { ...endpoints, offline: { by: 'batch' } } });
    const batch = platformOf({ ...onEndpoints(), settings: byBatch }) as unknown;
    expect(readPlatform({ path: 'platform.yaml', content: batch }).endpoints!.offline).to.deep.equal({
      ...{ by: 'batch', instanceType: null, most: 1, requestsAtOnce: 8, ami: 'al2-ami-sagemaker-batch-gpu-535' },
    });
    const before = { ...onEndpoints(), outputs: exampleInstallation().outputs };
    expect(() => platformOf(before)).to.throw('ServingRoleArn is missing');
  });

  it('runs the bridge by the image of the gateway, in as many pods as gateways, and buys no GPU nodes', () => {
    const bridge = named<V1Deployment>('Deployment', 'bridge')!;
    const { containers, serviceAccountName, securityContext } = bridge.spec!.template.spec!;
    const gateway = named<V1Deployment>('Deployment', 'gateway')!.spec!.template.spec!.containers[0]!;
    expect(containers[0]!.image).to.equal(gateway.image);
    expect(containers[0]!.command).to.deep.equal(['node', 'dist/sagemaker-bridge/server.js']);
    expect(containers[0]).to.include.keys('startupProbe', 'livenessProbe', 'readinessProbe');
    expect(containers[0]!.envFrom).to.deep.equal([{ secretRef: { name: 'bridge' } }]);
    expect(serviceAccountName).to.equal('bridge');
    expect(securityContext).to.deep.include({ runAsNonRoot: true });
    for (const kind of [
      'Service',
      'ServiceAccount',
      'PodDisruptionBudget',
      'HorizontalPodAutoscaler',
      'SecretProviderClass',
    ])
      expect(named(kind, 'bridge'), kind).not.to.equal(undefined);
    expect(manifests.filter(({ kind }) => kind === 'NodePool')).to.deep.equal([]);
  });

  it('lets gateways and workers ask the bridge, and nobody else', () => {
    const { ingress } = named<V1NetworkPolicy>('NetworkPolicy', 'bridge')!.spec!;
    expect(ingress).to.have.length(1);
    expect(JSON.stringify(ingress![0]!._from)).to.include('gateway').and.to.include('worker');
    for (const name of ['gateway', 'worker']) {
      const { egress } = named<V1NetworkPolicy>('NetworkPolicy', name)!.spec!;
      expect(JSON.stringify(egress))
        .to.include(`"port":${bridgePort}`)
        .and.not.to.include('"app.kubernetes.io/name":"vllm"');
    }
  });

  it('is refused with GPU nodes beside it, without both, and with an image that no role could be allowed to pull', () => {
    expect(() => read({ endpoints })).to.throw('gpus: expected gpus');
    expect(() => read({ gpus: null })).to.throw('gpus: expected gpus');
    const elsewhere = { ...endpoints, image: `vllm/vllm-openai@sha256:${'1'.repeat(64)}` };
    expect(() => read({ gpus: null, endpoints: elsewhere })).to.throw('endpoints.image: expected an image of ECR');
  });
});
