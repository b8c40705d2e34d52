import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type KubernetesObject,
  KubernetesObjectApi,
  loadAllYaml,
  PatchStrategy,
  type V1Deployment,
} from '@kubernetes/client-node';
import { expect } from 'chai';
import { execa } from 'execa';
import { manifestsOf } from '../../infra/kubernetes/manifests.js';
import { TestCluster } from '../support/kubernetes/cluster.js';
import { findKubernetes } from '../support/kubernetes/find-kubernetes.js';
import { exampleInstallation } from './support/example-installation.js';

const karpenter = 'sigs.k8s.io/karpenter@v1.9.0';
const fixture = fileURLToPath(new URL('../fixtures/kubernetes/secret-provider-class.yaml', import.meta.url));

/** The definition of karpenter's node pools, of the module of its version; null, with a loud word, where it can't be had. */
async function nodePoolDefinition(): Promise<string | null> {
  try {
    const { stdout } = await execa('go', ['mod', 'download', '-json', karpenter], { timeout: 120_000 });
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    return await readFile(join(Dir, 'pkg', 'apis', 'crds', 'karpenter.sh_nodepools.yaml'), 'utf8');
  } catch (error) {
    process.stderr.write(`NO KARPENTER HERE, its node pools are not checked: ${String(error).split('\n')[0]}\n`);
    return null;
  }
}

describe('the manifests of an installation, on a real control plane', function () {
  this.timeout(180_000);
  let cluster: TestCluster | null = null;
  let objects: KubernetesObjectApi;
  const kinds = new Set<string>();

  before(async function () {
    const tools = await findKubernetes();
    if (tools === null) return this.skip();
    cluster = new TestCluster({ tools });
    await cluster.start();
    objects = KubernetesObjectApi.makeApiClient(cluster.config);
    for (const text of [await readFile(fixture, 'utf8'), await nodePoolDefinition()]) {
      if (text === null) continue;
      const [definition] = loadAllYaml(text) as (KubernetesObject & { spec: { names: { kind: string } } })[];
      await objects.create(definition!);
      kinds.add(definition!.spec.names.kind);
    }
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
