import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, type KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { expect } from 'chai';
import { workloadsNamespace as namespace } from '../../infra/names.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { Cluster } from '../../src/adapters/kubernetes/cluster.js';
import { KubernetesServing } from '../../src/adapters/kubernetes/kubernetes-serving.js';
import { conditionOf } from '../../src/adapters/kubernetes/pod-trouble.js';
import {
  adaptersLoaded,
  groupLabels,
  helperLabels,
  type Pool,
  poolLabels,
} from '../../src/adapters/kubernetes/pool.js';
import { examplePool } from '../contract/support/example-pool.js';
import { ScriptedVllm } from '../contract/support/scripted-vllm.js';
import { TestCluster } from '../support/kubernetes/cluster.js';
import { findKubernetes } from '../support/kubernetes/find-kubernetes.js';
import { findLeaderWorkerController, LeaderWorkerController } from '../support/kubernetes/leader-worker-sets.js';
import { asWorker } from '../support/kubernetes/worker-role.js';

const base = 'org/large';
const set = { base, releaseId: null };
const pool: Partial<Pool> = {
  machines: 2,
  gpus: { resource: 'nvidia.com/gpu', count: 4 },
  replicas: { least: 2, most: 2, waitingTarget: 4 },
};

describe('a model over several nodes, kept by the real controller of LeaderWorkerSets', function () {
  this.timeout(240_000);
  let cluster: TestCluster | null = null;
  let controller: LeaderWorkerController | null = null;
  let worker: KubeConfig;
  let root: string;
  let server: ScriptedVllm;

  const open = (changes: Partial<Pool> = {}): KubernetesServing =>
    new KubernetesServing({
      cluster: new Cluster({ config: worker }),
      namespace,
      store: new DirectoryStore({ root }),
      pools: { [base]: examplePool({ ...pool, ...changes }) },
      apiKey: 'key',
      addressOf: () => server.url,
    });
  const podsOf = (labels: Record<string, string>): Promise<V1Pod[]> =>
    new Cluster({ config: worker }).pods({ namespace, labels });
  const deploy = (changes: Partial<Pool> = {}) =>
    open(changes).deploy({ model: 'm', releaseId: 'm-r1', base, adapter: null });
  async function until(what: string, look: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 90_000;
    while (!(await look())) {
      if (Date.now() > deadline) {
        const { reason } = await open().readiness({ releaseId: 'm-r1' });
        throw new Error(`not within 90 s: ${what}; ${reason}`);
      }
      await new Promise((done) => setTimeout(done, 200));
    }
  }
  const ready = (changes: Partial<Pool> = {}) =>
    until('ready', async () => {
      await open(changes).reconcile();
      return (await open(changes).readiness({ releaseId: 'm-r1' })).ready;
    });

  before(async function () {
    this.timeout(2_700_000);
    const [tools, command] = [await findKubernetes(), await findLeaderWorkerController()];
    if (tools === null || command === null) return this.skip();
    cluster = new TestCluster({ tools });
    await cluster.start();
    controller = new LeaderWorkerController({ cluster, command });
    await controller.start();
    worker = await asWorker(cluster);
    for (const name of ['gpu-1', 'gpu-2', 'gpu-3', 'gpu-4']) await cluster.addNode({ name, gpus: 4 });
    for (const claim of Object.values(examplePool().claims)) await cluster.addVolume({ namespace, claim });
    root = await mkdtemp(join(tmpdir(), 'understudy-groups-'));
    server = new ScriptedVllm({ base });
    await server.start();
  });
  after(async () => {
    await controller?.stop();
    await server?.close();
    await cluster?.stop();
    if (root) await rm(root, { recursive: true, force: true });
  });

  it('serves from the first pod of each copy, which knows its place among the others', async () => {
    await deploy();
    await ready();
    expect(await open().drift()).to.deep.equal([]);
    const [leaders, helpers] = [await podsOf(poolLabels(set)), await podsOf(helperLabels(set))];
    expect([leaders.length, helpers.length]).to.deep.equal([2, 2]);
    for (const pod of leaders) expect(conditionOf(pod, adaptersLoaded)?.status).to.equal('True');
    for (const pod of helpers) {
      const { env, args } = pod.spec!.containers[0]!;
      const index = env!.findIndex(({ name }) => name === 'LWS_LEADER_ADDRESS');
      expect(env![index]!.value).to.match(/^vllm-org-large-\w+-\d\.vllm-org-large-\w+\.understudy$/);
      expect(env!.find(({ name }) => name === 'LWS_WORKER_INDEX')!.value).to.equal('1');
      expect(args).to.include('--headless');
    }
    const { reason } = await open().readiness({ releaseId: 'm-r1' });
    expect(reason).to.equal(`${base} answers on 2 pods`);
  });

  it('makes a copy anew where one of its pods goes, and names a pod of it that finds no GPU', async () => {
    const core = cluster!.config.makeApiClient(CoreV1Api);
    const [helper] = await podsOf(helperLabels(set));
    const before = new Set((await podsOf(groupLabels(set))).map(({ metadata }) => metadata!.uid));
    await core.patchNode({
      name: helper!.spec!.nodeName!,
      body: [{ op: 'add', path: '/spec/unschedulable', value: true }],
    });
    await core.deleteNamespacedPod({ namespace, name: helper!.metadata!.name! });
    await until('the pod that finds no GPU is named', async () => {
      const { ready: done, reason } = await open().readiness({ releaseId: 'm-r1' });
      return !done && reason.includes('Unschedulable') && reason.includes('3 of 4 pods');
    });
    await core.patchNode({
      name: helper!.spec!.nodeName!,
      body: [{ op: 'add', path: '/spec/unschedulable', value: false }],
    });
    await ready();
    const anew = (await podsOf(groupLabels(set))).filter(({ metadata }) => !before.has(metadata!.uid));
    expect(anew, 'the pod and its leader').to.have.length(2);
  });

  it('goes over to pods on one node each without a gap, and takes everything away with its last release', async () => {
    const single = (gpus: number): Partial<Pool> => ({
      machines: 1,
      gpus: { resource: 'nvidia.com/gpu', count: gpus },
    });
    await deploy(single(1));
    await until('its pods find no GPU', async () => {
      await open(single(1)).reconcile();
      return (await open(single(1)).readiness({ releaseId: 'm-r1' })).reason.includes('Insufficient nvidia.com/gpu');
    });
    await open(single(1)).reconcile();
    expect(await podsOf(helperLabels(set)), 'users are answered by these').to.have.length(2);
    await deploy(single(0));
    await ready(single(0));
    await until('the groups are gone', async () => {
      await open(single(0)).reconcile();
      return (await podsOf(helperLabels(set))).length === 0;
    });
    await open(single(0)).retire({ model: 'm', releaseId: 'm-r1' });
    await until('nothing is left', async () => (await podsOf(groupLabels(set))).length === 0);
  });
});
