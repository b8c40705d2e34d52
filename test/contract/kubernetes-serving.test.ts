import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppsV1Api, CoreV1Api, type KubeConfig, KubernetesObjectApi, type V1Pod } from '@kubernetes/client-node';
import { expect } from 'chai';
import { workloadsNamespace } from '../../infra/names.js';
import { adapterManifest, manifestKey } from '../../src/adapters/adapter-manifest.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { Cluster } from '../../src/adapters/kubernetes/cluster.js';
import { KubernetesServing } from '../../src/adapters/kubernetes/kubernetes-serving.js';
import { type Pool, poolLabels, poolName } from '../../src/adapters/kubernetes/pool.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { TestCluster } from '../support/kubernetes/cluster.js';
import { findKubernetes } from '../support/kubernetes/find-kubernetes.js';
import { asWorker } from '../support/kubernetes/worker-role.js';
import { Mending } from '../support/mending.js';
import { describeServingPlatform } from './serving-platform-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { examplePool } from './support/example-pool.js';
import { ScriptedVllm } from './support/scripted-vllm.js';

const base = 'HuggingFaceTB/SmolLM2-135M-Instruct';
const set: { base: string; releaseId: string | null } = { base, releaseId: null };
const namespace = workloadsNamespace;
const pool = examplePool();

describe('KubernetesServing on a real control plane', function () {
  this.timeout(120_000);
  let cluster: TestCluster | null = null;
  /** As the role of an installation's workers lets it. */
  let worker: KubeConfig;
  let root: string;
  let adapter: ArtifactRef;
  let mending: Mending;
  /** What each pod would run, by its name: kwok's pods run nothing. */
  const servers = new Map<string, ScriptedVllm>();
  const addressOf = ({ metadata }: V1Pod): string => servers.get(metadata!.name!)?.url ?? 'http://127.0.0.1:9';
  const store = (): DirectoryStore => new DirectoryStore({ root });
  const open = (changes: Partial<Pool> = {}): KubernetesServing =>
    new KubernetesServing({
      cluster: new Cluster({ config: worker }),
      namespace,
      store: store(),
      pools: { [base]: { ...pool, ...changes } },
      apiKey: 'key',
      addressOf,
    });
  const core = (): CoreV1Api => cluster!.config.makeApiClient(CoreV1Api);
  const podsOf = async (wanted = set): Promise<V1Pod[]> =>
    new Cluster({ config: cluster!.config }).pods({ namespace, labels: poolLabels(wanted) });
  const deploy = (releaseId: string, serving = open()) => serving.deploy({ model: 'm', releaseId, base, adapter });
  async function until<Value>(look: () => Promise<Value>, wanted: (value: Value) => boolean): Promise<Value> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const value = await look();
      if (wanted(value)) return value;
      if (Date.now() > deadline) throw new Error(`not as wanted: ${JSON.stringify(value)}`);
      await wait(100);
    }
  }

  before(async function () {
    this.timeout(1_800_000);
    const tools = await findKubernetes();
    if (tools === null) return this.skip();
    cluster = new TestCluster({ tools });
    await cluster.start();
    await cluster.addNode({ name: 'gpu-1', gpus: 4 });
    worker = await asWorker(cluster);
    for (const claim of Object.values(pool.claims)) await cluster.addVolume({ namespace, claim });
    root = await mkdtemp(join(tmpdir(), 'understudy-kubernetes-'));
    const name = 'adapter_model.safetensors';
    const prefix = 'releases/m-r1/adapter';
    const { sha256, bytes } = await store().put({ key: `${prefix}/${name}`, body: Buffer.from('weights') });
    adapter = await store().put({ key: manifestKey(prefix), body: adapterManifest([{ name, sha256, bytes }]) });
    mending = new Mending({
      // A server for each pod that appears.
      always: async () => {
        const pods = await new Cluster({ config: cluster!.config }).pods({ namespace, labels: {} });
        for (const { metadata } of pods) {
          if (servers.has(metadata!.name!)) continue;
          const server = new ScriptedVllm({ base });
          await server.start();
          servers.set(metadata!.name!, server);
        }
      },
      // What the worker runs.
      unlessHeld: () => open().reconcile(),
    });
    mending.start();
  });
  after(async () => {
    await mending?.stop();
    for (const server of servers.values()) await server.close();
    await cluster?.stop();
    if (root) await rm(root, { recursive: true, force: true });
  });

  describeServingPlatform({
    name: 'KubernetesServing',
    open,
    base,
    adapter: () => adapter,
    ask: async ({ adapter: name }) => {
      const [pod] = await podsOf();
      const body = JSON.stringify({ model: name, messages: [] });
      const answer = await fetch(`${addressOf(pod!)}/v1/chat/completions`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return answer.text();
    },
    withinMilliseconds: 60_000,
  });

  // Nested, because mocha runs a suite's own tests before the suites inside it.
  describe('KubernetesServing', () => {
    const ready = async (releaseId: string, serving = open()): Promise<string> =>
      (
        await until(
          () => serving.readiness({ releaseId }),
          ({ ready: done }) => done,
        )
      ).reason;

    it('takes the pool away with the last release, and only what is its own', async () => {
      for (const releaseId of await open().served({ model: 'parcels' }))
        await open().retire({ model: 'parcels', releaseId });
      await until(podsOf, (pods) => pods.length === 0);
      await core().createNamespacedService({
        namespace,
        body: { metadata: { name: poolName(set) }, spec: { ports: [{ port: 1 }] } },
      });
      await expectPortError(
        new Cluster({ config: worker }).remove({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: poolName(set), namespace },
        }),
        'InvalidInput',
        'left alone',
      );
      await core().deleteNamespacedService({ namespace, name: poolName(set) });
    });

    it('loads again what a pod that came back has forgotten, before it counts as ready', async () => {
      await deploy('m-r1');
      expect(await ready('m-r1')).to.equal('m-r1 answers on 2 pods');
      const [pod] = await podsOf();
      await core().deleteNamespacedPod({ namespace, name: pod!.metadata!.name! });
      await until(
        podsOf,
        (pods) => pods.length === 2 && pods.every(({ metadata }) => metadata!.name !== pod!.metadata!.name),
      );
      await ready('m-r1');
      for (const { metadata } of await podsOf()) expect([...servers.get(metadata!.name!)!.names]).to.include('m-r1');
    });

    it('names the pods that find no GPU, and knows before that there is none', async () => {
      const many = { replicas: { least: 6, most: 6, waitingTarget: 4 } };
      expect(await open(many).capacity({ releaseId: 'm-r2', base })).to.deep.include({ enough: false });
      await deploy('m-r2', open(many));
      const told = await until(
        () => open(many).readiness({ releaseId: 'm-r2' }),
        ({ reason }) => reason.includes('Insufficient'),
      );
      expect(told).to.deep.include({ ready: false });
      expect(told.reason)
        .to.match(/[0-4] of 6 pods/)
        .and.to.contain('Unschedulable')
        .and.to.contain('nvidia.com/gpu');
      await deploy('m-r2');
      await ready('m-r2');
    });

    it('finds what somebody changed by hand, and takes no field from another manager', async () => {
      expect(await open().drift()).to.deep.equal([]);
      const objects = KubernetesObjectApi.makeApiClient(cluster!.config);
      const apps = cluster!.config.makeApiClient(AppsV1Api);
      const deployment = await apps.readNamespacedDeployment({ namespace, name: poolName(set) });
      deployment.spec!.template.spec!.containers[0]!.image = 'somebody/else';
      await apps.replaceNamespacedDeployment({
        namespace,
        name: poolName(set),
        body: deployment,
        fieldManager: 'hands',
      });
      expect((await open().drift()).join())
        .to.contain('another manager')
        .and.to.contain('hands');
      await expectPortError(deploy('m-r3'), 'InvalidInput', 'another manager');
      await objects.delete({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { namespace, name: poolName(set) },
      });
      expect((await open().drift()).join()).to.contain('is gone');
      await deploy('m-r3');
      await ready('m-r3');
    });

    it('has no release ready that only half the pods have, and says which lacks it', async () => {
      await deploy('m-r4');
      await ready('m-r4');
      const [pod] = await podsOf();
      await mending.hold(async () => {
        servers.get(pod!.metadata!.name!)!.names.delete('m-r4');
        const told = await open().readiness({ releaseId: 'm-r4' });
        expect(told).to.deep.include({ ready: false });
        expect(told.reason).to.contain(`m-r4 is not loaded on pod ${pod!.metadata!.name}`);
      });
      await ready('m-r4');
    });

    it('unloads from a pod what nobody wants any more', async () => {
      const [pod] = await podsOf();
      const { names } = servers.get(pod!.metadata!.name!)!;
      names.add('m-r0');
      await until(
        () => Promise.resolve(names.has('m-r0')),
        (left) => !left,
      );
      expect([...names]).to.include('m-r4');
    });

    it('gives each release pods of its own where they are kept apart, under the name of the model too', async () => {
      const serving = open({ apart: true, replicas: { least: 1, most: 1, waitingTarget: 4 } });
      const apart = (releaseId: string) => ({ base, releaseId });
      for (const releaseId of await open().served({ model: 'm' })) await open().retire({ model: 'm', releaseId });
      await until(podsOf, (pods) => pods.length === 0);
      await mending.hold(async () => {
        // With two pods each they take all four GPUs: room for those that are there, and for no other.
        const wide = open({ apart: true, replicas: { least: 2, most: 2, waitingTarget: 4 } });
        const [first, second] = [await deploy('m-r5', serving), await deploy('m-r6', serving)];
        expect(first.endpoint).to.contain(poolName(apart('m-r5')));
        expect(second.endpoint).not.to.equal(first.endpoint);
        for (const releaseId of ['m-r5', 'm-r6']) {
          const [pod] = await until(
            () => podsOf(apart(releaseId)),
            (pods) => pods.length === 1,
          );
          await until(
            async () => {
              await serving.reconcile();
              return serving.readiness({ releaseId });
            },
            ({ ready: done }) => done,
          );
          expect([...servers.get(pod!.metadata!.name!)!.names].sort()).to.deep.equal([base, 'm', releaseId].sort());
        }
        for (const [releaseId, enough] of [
          ['m-r6', true],
          ['m-r7', false],
        ] as const)
          expect((await wide.capacity({ releaseId, base })).enough, releaseId).to.equal(enough);
        await serving.retire({ model: 'm', releaseId: 'm-r5' });
        await until(
          () => podsOf(apart('m-r5')),
          (pods) => pods.length === 0,
        );
        expect((await serving.readiness({ releaseId: 'm-r6' })).ready).to.equal(true);
        await serving.retire({ model: 'm', releaseId: 'm-r6' });
      });
    });

    it('leaves nothing behind where the API server hangs, and ends what it began once it is back', async () => {
      await deploy('m-r7');
      await ready('m-r7');
      const hurried = new KubernetesServing({
        ...{ namespace, store: store(), pools: { [base]: pool }, apiKey: 'key', addressOf },
        cluster: new Cluster({ config: worker, timeoutMilliseconds: 500 }),
      });
      cluster!.pauseApi();
      try {
        await expectPortError(hurried.capacity({ releaseId: 'm-r8', base }), 'Timeout', 'no answer of the API server');
        const told = await hurried.readiness({ releaseId: 'm-r7' });
        expect(told).to.deep.include({ ready: false });
        expect(told.reason).to.contain('no answer of the API server');
        await expectPortError(hurried.retire({ model: 'm', releaseId: 'm-r7' }), 'Timeout');
      } finally {
        cluster!.resumeApi();
      }
      expect(await open().served({ model: 'm' })).to.deep.equal(['m-r7']);
      await ready('m-r7');
      await open().retire({ model: 'm', releaseId: 'm-r7' });
      await until(podsOf, (pods) => pods.length === 0);
      expect(await open().served({ model: 'm' })).to.deep.equal([]);
    });

    it('says so where the API server is away', async () => {
      const lost = new KubernetesServing({
        ...{ namespace, store: store(), pools: { [base]: pool }, apiKey: null, addressOf },
        cluster: new Cluster({ config: cluster!.configOfNobody() }),
      });
      await expectPortError(lost.capacity({ releaseId: 'm-r8', base }), 'Unavailable', 'listing');
    });
  });
});
