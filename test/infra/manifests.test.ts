import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  KubernetesObject,
  V1Container,
  V1Deployment,
  V1NetworkPolicy,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { manifestsOf } from '../../infra/kubernetes/manifests.js';
import { metricDeclarations } from '../../infra/kubernetes/monitoring.js';
import { gpuLabels } from '../../infra/kubernetes/nodes.js';
import { platformOf } from '../../infra/kubernetes/platform.js';
import { databaseSecret } from '../../infra/kubernetes/temporal.js';
import { ending, timeouts } from '../../infra/limits.js';
import { readSettings } from '../../infra/settings.js';
import { readGatewaySettings } from '../../src/config/gateway-settings.js';
import { exampleInstallation, exampleOutputs, examplePath, exampleSettings } from './support/example-installation.js';
import { createTemporary } from './support/temporary.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifests = manifestsOf(exampleInstallation());
const of = <T extends KubernetesObject>(kind: string, list = manifests): T[] =>
  list.filter((object) => object.kind === kind) as T[];
const named = <T extends KubernetesObject>(kind: string, name: string): T =>
  of<T>(kind).find(({ metadata }) => metadata?.name === name)!;
const containerOf = (name: string): V1Container =>
  named<V1Deployment>('Deployment', name).spec!.template.spec!.containers[0]!;
const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries((containerOf(name).env ?? []).map(({ name: key, value = 'from a field' }) => [key, value]));

interface ChartValues {
  server: {
    config: {
      persistence: { datastores: Record<string, { sql: { tls: { caFile: string } } & Record<string, unknown> }> };
    };
    additionalVolumeMounts: { mountPath: string }[];
  };
  admintools: { additionalVolumeMounts: { mountPath: string }[] };
}

describe('the manifests of an installation', () => {
  it('give processes settings that they take, and no other', async () => {
    const folder = join(root, 'src', 'config');
    const known = (
      await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))
    ).join();
    for (const name of ['gateway', 'worker'])
      for (const setting of Object.keys(environmentOf(name)))
        if (!['HOME', 'AWS_REGION'].includes(setting)) expect(known, setting).to.include(setting);
    const settings = readGatewaySettings({ environment: { ...environmentOf('gateway'), GATEWAY_ID: 'gateway-1' } });
    expect(settings).to.deep.include({ port: 8080, host: '0.0.0.0', keysFile: '/secrets/gateway-keys' });
    expect(settings.requestTimeoutMilliseconds).to.be.lessThan(timeouts.apiGateway);
    expect(settings.requestTimeoutMilliseconds).to.be.at.least(2 * settings.upstreamTimeoutMilliseconds);
  });

  it('give no secret as a plain value', () => {
    const text = JSON.stringify(manifests);
    expect(text).not.to.match(/"name":"[A-Z_]*(?:KEY|SECRET|TOKEN|PASSWORD)","value"/);
    for (const name of ['gateway', 'worker'])
      expect(containerOf(name).envFrom).to.deep.equal([{ secretRef: { name } }]);
    expect(of('Secret')).to.deep.equal([]);
  });

  it('end a gateway only after its load balancer has forgotten it and its requests are answered', () => {
    const { terminationGracePeriodSeconds } = named<V1Deployment>('Deployment', 'gateway').spec!.template.spec!;
    expect(terminationGracePeriodSeconds! * 1000).to.be.greaterThan(ending.forget + ending.drain);
    expect(ending.drain).to.be.at.least(timeouts.request);
  });

  it('leave the number of pods to the autoscalers, between what the settings say', () => {
    for (const { spec, metadata } of of<V2HorizontalPodAutoscaler>('HorizontalPodAutoscaler')) {
      expect(named<V1Deployment>('Deployment', metadata!.name!).spec).not.to.have.property('replicas');
      expect([spec!.minReplicas, spec!.maxReplicas]).to.deep.equal(metadata!.name === 'gateway' ? [2, 6] : [2, 4]);
    }
    expect(of('PodDisruptionBudget').map(({ metadata }) => metadata!.name)).to.deep.equal(['gateway', 'worker']);
  });

  it('probe every process, and give each a bound of memory and nothing of root', () => {
    for (const name of ['gateway', 'worker', 'mlflow']) {
      const container = containerOf(name);
      expect(container, name).to.include.keys('startupProbe', 'livenessProbe', 'readinessProbe');
      expect(container.resources?.limits?.memory, name).to.be.a('string');
      expect(container.securityContext).to.deep.include({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
      const { securityContext } = named<V1Deployment>('Deployment', name).spec!.template.spec!;
      expect(securityContext).to.deep.include({ runAsNonRoot: true, runAsUser: 1000 });
    }
  });

  it('let nothing through that no policy names, and policies name a pod for each opening', () => {
    const policies = of<V1NetworkPolicy>('NetworkPolicy');
    expect(policies.map(({ metadata }) => metadata!.name)).to.have.members([
      'nothing-else',
      'mlflow',
      'gateway',
      'worker',
      'monitoring',
    ]);
    const openings = policies.flatMap(({ spec }) => spec!.egress ?? []).filter(({ to }) => to === undefined);
    expect(new Set(openings.flatMap(({ ports = [] }) => ports.map(({ port }) => port)))).to.deep.equal(
      new Set([53, 443, 7233]),
    );
    expect(policies.flatMap(({ spec }) => spec!.ingress ?? []).filter(({ _from }) => !_from?.length)).to.deep.equal([]);
  });

  it('make a platform file that the workers read, on the nodes that the settings buy', () => {
    const { training, serving } = platformOf(exampleInstallation());
    expect(training.image).to.match(/understudy\/training@sha256:3/);
    const [pool] = Object.values(serving.pools);
    expect(pool).to.deep.include({ nodeSelector: gpuLabels, apiKeySecret: 'vllm' });
    expect(pool!.replicas).to.deep.include({ least: 2, most: 2 });
  });

  it('send events to CloudWatch with just the dimensions that the breaker asks by', async () => {
    const adapter = await readFile(join(root, 'src/adapters/cloudwatch-telemetry/cloudwatch-metrics.ts'), 'utf8');
    const asked = [...adapter.matchAll(/names: \[([^\]]+)\]/g)].map(([, list]) => list!.replaceAll(/['\s]/g, ''));
    const sent = metricDeclarations.flatMap(({ dimensions }) => dimensions.map((names) => [...names].sort().join(',')));
    expect(sent).to.include.members(asked);
  });

  it('agree with the values of Temporal’s chart on the password and the certificates of its database', async () => {
    const values = parse(await readFile(join(root, 'infra/helm/temporal.yaml'), 'utf8'), {
      merge: true,
    }) as ChartValues;
    const { server, admintools } = values;
    for (const { sql } of Object.values(server.config.persistence.datastores)) {
      expect(sql).to.deep.include({ existingSecret: databaseSecret, secretKey: 'password', user: 'temporal' });
      expect(sql.tls).to.deep.include({ enabled: true, enableHostVerification: true });
      for (const {
        additionalVolumeMounts: [mount],
      } of [server, admintools])
        expect(sql.tls.caFile.startsWith(`${mount!.mountPath}/`)).to.equal(true);
    }
    const list = manifestsOf(exampleInstallation({ temporal: { kind: 'cluster', databaseClass: 'm7g.large' } }));
    expect(JSON.stringify(list)).to.include(`"secretName":"${databaseSecret}"`);
  });

  it('refuse settings with every problem at once', () => {
    const content = {
      ...exampleSettings(),
      account: 'mine',
      natGateways: 9,
      gpus: { instanceTypes: ['g6.xlarge'], nodes: 1 },
    };
    expect(() => readSettings({ path: 'mine.yaml', content })).to.throw(/mine\.yaml: \d problems[^]*account: expected/);
    const few = { ...exampleSettings(), gpus: { instanceTypes: ['g6.xlarge'], nodes: 2 } };
    expect(() => readSettings({ path: 'mine.yaml', content: few })).to.throw(/gpus\.nodes: expected a node for each/);
  });

  it('are printed as YAML that names fields as Kubernetes does', async () => {
    const file = await createTemporary({ name: 'outputs.json', content: JSON.stringify(exampleOutputs) });
    const command = ['--import', 'tsx', 'infra/kubernetes/main.ts', '--settings', examplePath, '--outputs', file.path];
    const { stdout } = await execa('node', command, { cwd: root });
    expect(stdout.split(/^---$/m)).to.have.length(manifests.length + 1);
    expect(stdout).to.include('from:').and.not.to.include('_from');
    const { stderr, exitCode } = await execa('node', [...command.slice(0, 5)], { cwd: root, reject: false });
    expect(exitCode).to.equal(2);
    expect(stderr).to.include('usage:');
    await file.remove();
  }).timeout(60_000);
});
