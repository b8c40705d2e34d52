import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type KubernetesObject,
  KubernetesObjectApi,
  loadAllYaml,
  PatchStrategy,
  type V1Deployment,
} from '@kubernetes/client-node';
import { expect } from 'chai';
import { manifestsOf } from '../../infra/kubernetes/manifests.js';
import { TestCluster } from '../support/kubernetes/cluster.js';
import { addDefinition } from '../support/kubernetes/definitions.js';
import { findKubernetes } from '../support/kubernetes/find-kubernetes.js';
import { exampleInstallation } from './support/example-installation.js';

const fixture = fileURLToPath(new URL('../fixtures/kubernetes/secret-provider-class.yaml', import.meta.url));

describe('the manifests of an installation, on a real control plane', function () {
  this.timeout(180_000);
  let cluster: TestCluster | null = null;
  let objects: KubernetesObjectApi;
  const kinds = new Set<string>();

  before(async function () {
    // A cold build of the control plane.
    this.timeout(1_800_000);
    const tools = await findKubernetes();
    if (tools === null) return this.skip();
    cluster = new TestCluster({ tools });
    await cluster.start();
    objects = KubernetesObjectApi.makeApiClient(cluster.config);
    const [secretClass] = loadAllYaml(await readFile(fixture, 'utf8')) as KubernetesObject[];
    await objects.create(secretClass!);
    kinds.add('SecretProviderClass');
    if (await addDefinition({ cluster, kind: 'NodePool' })) kinds.add('NodePool');
  });
  after(() => cluster?.stop());

  const apply = (object: KubernetesObject, dryRun: boolean) =>
    objects.patch(object, undefined, dryRun ? 'All' : undefined, 'test', true, PatchStrategy.ServerSideApply);

  /** A definition that was just made is served a moment later. */
  async function applyServed(object: KubernetesObject): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await apply(object, true);
      } catch (error) {
        const unserved = kinds.has(object.kind!) && /404|no resource|Unrecognized API/i.test(String(error));
        if (!unserved || attempt === 50) throw error;
        await new Promise((done) => setTimeout(done, 100));
      }
  }

  for (const temporal of [undefined, { kind: 'cluster', databaseClass: 'm7g.large' } as const])
    it(`are taken as they are, with Temporal in ${temporal ? 'the cluster' : 'the cloud'}`, async () => {
      const manifests = manifestsOf(exampleInstallation(temporal ? { temporal } : {}));
      for (const object of manifests.filter(({ kind }) => kind === 'Namespace')) await apply(object, false);
      const unknown: string[] = [];
      for (const object of manifests)
        if (/^(?:eks\.amazonaws\.com|karpenter\.sh|secrets-store)/.test(object.apiVersion!) && !kinds.has(object.kind!))
          unknown.push(object.kind!);
        else await applyServed(object);
      // The load balancing of EKS Auto Mode publishes no definition of its objects.
      expect(unknown.filter((kind) => kind !== 'NodePool' || kinds.has(kind))).to.deep.equal(['TargetGroupBinding']);
    });

  it('are refused where something does not fit, so that being taken says something', async () => {
    const [pool] = manifestsOf(exampleInstallation()).filter(({ kind }) => kind === 'NodePool') as { spec: object }[];
    const [deployment] = manifestsOf(exampleInstallation()).filter(
      ({ kind }) => kind === 'Deployment',
    ) as V1Deployment[];
    const refusal = async (object: unknown) =>
      apply(object as KubernetesObject, true).then(
        () => null,
        (error: unknown) => String(error),
      );
    const others = { ...deployment!.spec, selector: { matchLabels: { app: 'other' } } };
    expect(await refusal({ ...deployment, spec: others })).to.match(/does not match template/);
    if (kinds.has('NodePool'))
      expect(await refusal({ ...pool, spec: { ...pool!.spec, replicas: -1 } })).to.match(/spec\.replicas/);
  });

  it('make pods that the strictest standard of Kubernetes lets in', async () => {
    const restricted = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'restricted', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    await apply(restricted, false);
    const deployments = manifestsOf(exampleInstallation()).filter(
      ({ kind, metadata }) => kind === 'Deployment' && metadata?.name !== 'monitoring',
    ) as V1Deployment[];
    expect(deployments).to.have.length(3);
    for (const { metadata, spec } of deployments)
      await apply(
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: metadata!.name!, namespace: 'restricted' },
          spec: spec!.template.spec!,
        } as KubernetesObject,
        true,
      );
    const root = { ...deployments[0]!.spec!.template.spec!, securityContext: { runAsUser: 0 } };
    const bad = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace: 'restricted' }, spec: root };
    const refused = await apply(bad as KubernetesObject, true).then(
      () => null,
      (error: unknown) => String(error),
    );
    expect(refused).to.match(/violates PodSecurity/);
  });
});
