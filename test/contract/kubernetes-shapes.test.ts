import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AppsV1Api,
  CoreV1Api,
  type KubeConfig,
  type V1Deployment,
  type V1NetworkPolicy,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { expect } from 'chai';
import { workloadsNamespace as namespace } from '../../infra/names.js';
import { adapterManifest, manifestKey } from '../../src/adapters/adapter-manifest.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import {
  autoscalerKind,
  type ScaledObject,
  scaledObjectKind,
  wakeAnnotation,
} from '../../src/adapters/kubernetes/autoscaler.js';
import { Cluster } from '../../src/adapters/kubernetes/cluster.js';
import { KubernetesServing } from '../../src/adapters/kubernetes/kubernetes-serving.js';
import { type Pool, poolName } from '../../src/adapters/kubernetes/pool.js';
import { deploymentKind, type LeaderWorkerSet, leaderWorkerSetKind } from '../../src/adapters/kubernetes/workload.js';
import { TestCluster } from '../support/kubernetes/cluster.js';
import { addDefinition } from '../support/kubernetes/definitions.js';
import { findKubernetes } from '../support/kubernetes/find-kubernetes.js';
import { asWorker } from '../support/kubernetes/worker-role.js';
import { expectPortError } from './support/expect-port-error.js';
import { examplePool } from './support/example-pool.js';
import { ScriptedVllm } from './support/scripted-vllm.js';

const base = 'org/model';
const metadata = { name: poolName({ base, releaseId: null }), namespace };
const keda = { by: 'keda' as const, prometheus: 'http://prometheus.monitoring.svc:9090', idleSeconds: 1800 };
const sleeping: Partial<Pool> = { scaling: keda, replicas: { least: 0, most: 3, waitingTarget: 4 } };

describe('pools of other shapes, on a real control plane', function () {
  this.timeout(120_000);
  let cluster: TestCluster | null = null;
  let worker: KubeConfig;
  let root: string;
  let server: ScriptedVllm;
  let now: Date;

  const client = (): Cluster => new Cluster({ config: worker });
  const open = (changes: Partial<Pool>): KubernetesServing =>
    new KubernetesServing({
      cluster: client(),
      namespace,
      store: new DirectoryStore({ root }),
      pools: { [base]: examplePool(changes) },
      apiKey: 'key',
      addressOf: () => server.url,
      now: () => now,
    });
  const deploy = (changes: Partial<Pool>) =>
    open(changes).deploy({ model: 'm', releaseId: 'm-r1', base, adapter: null });
  const read = <T extends KubernetesObject>(kind: { apiVersion: string; kind: string }): Promise<T | null> =>
    client().read<T>({ ...kind, metadata } as T);
  const awake = async (): Promise<boolean> =>
    (await read<ScaledObject>(scaledObjectKind))!.metadata!.annotations?.[wakeAnnotation] === 'true';
  async function until(look: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await look())) {
      if (Date.now() > deadline) throw new Error(`not within a minute: ${String(look)}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  /** What KEDA does with a pool that nobody asks, or that somebody does. */
  const scale = async (replicas: number): Promise<void> => {
    const apps = cluster!.config.makeApiClient(AppsV1Api);
    const scaled = await apps.readNamespacedDeploymentScale(metadata);
    await apps.replaceNamespacedDeploymentScale({ ...metadata, body: { ...scaled, spec: { replicas } } });
  };

  before(async function () {
    this.timeout(1_800_000);
    const tools = await findKubernetes();
    if (tools === null) return this.skip();
    cluster = new TestCluster({ tools });
    await cluster.start();
    for (const kind of ['LeaderWorkerSet', 'ScaledObject'] as const)
      if (!(await addDefinition({ cluster, kind }))) return this.skip();
    worker = await asWorker(cluster);
    await cluster.addNode({ name: 'gpu-1', gpus: 8 });
    for (const claim of Object.values(examplePool().claims)) await cluster.addVolume({ namespace, claim });
    server = new ScriptedVllm({ base });
    await server.start();
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-shapes-'));
    now = new Date();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  after(async () => {
    await server?.close();
    await cluster?.stop();
  });

  it('a copy over several nodes is a LeaderWorkerSet, whose pods talk among themselves alone', async () => {
    const pool: Partial<Pool> = { machines: 2, gpus: { resource: 'nvidia.com/gpu', count: 4 } };
    await deploy(pool);
    const { spec } = (await read<LeaderWorkerSet>(leaderWorkerSetKind))!;
    const { leaderTemplate, workerTemplate, size } = spec!.leaderWorkerTemplate;
    expect([spec!.replicas, size]).to.deep.equal([2, 2]);
    const [leader, helper] = [leaderTemplate, workerTemplate].map((template) => template.spec!.containers[0]!);
    for (const { args } of [leader!, helper!])
      expect(args).to.include.members([
        ...['--nnodes=2', '--pipeline-parallel-size=2', '--tensor-parallel-size=4'],
        ...['--node-rank=$(LWS_WORKER_INDEX)', '--master-addr=$(LWS_LEADER_ADDRESS)'],
      ]);
    expect(helper!.args).to.include('--headless');
    expect(helper).not.to.have.any.keys('ports', 'readinessProbe');
    expect(await read(deploymentKind)).to.equal(null);
    expect(await open(pool).drift()).to.deep.equal([]);
    const { reason } = await open(pool).readiness({ releaseId: 'm-r1' });
    expect(reason).to.equal(`0 of 4 pods of ${metadata.name} are ready`);
    const { enough, reason: room } = await open(pool).capacity({ releaseId: 'm-r1', base });
    expect(enough).to.equal(false);
    expect(room).to.contain('4 more pods of 4 nvidia.com/gpu').and.to.contain('room for 2');
    await open(pool).retire({ model: 'm', releaseId: 'm-r1' });
    expect(await read(leaderWorkerSetKind)).to.equal(null);
  });

  it('a pool that may sleep is woken by a release and by who asks whether it is ready, and then left to KEDA', async () => {
    await deploy(sleeping);
    const { spec } = (await read<ScaledObject>(scaledObjectKind))!;
    expect(spec).to.deep.include({ minReplicaCount: 0, maxReplicaCount: 3, cooldownPeriod: 1800 });
    const policy = (await read<V1NetworkPolicy>({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }))!;
    const readers = policy.spec!.ingress!.flatMap(({ _from = [] }) => _from.map(({ podSelector }) => podSelector));
    expect(readers.some((one) => one?.matchLabels?.['understudy.dev/role'] === 'monitoring')).to.equal(true);
    expect(spec!.triggers.map(({ metadata: { query } }) => query).join()).to.include('release=~"m-r1"');
    expect(await awake()).to.equal(true);
    const ready = async (): Promise<boolean> => {
      await open(sleeping).reconcile();
      return (await open(sleeping).readiness({ releaseId: 'm-r1' })).ready;
    };
    await until(ready);
    await open(sleeping).reconcile();
    expect(await awake()).to.equal(true);
    now = new Date(now.getTime() + 130_000);
    await open(sleeping).reconcile();
    expect(await awake()).to.equal(false);
    expect(await open(sleeping).drift()).to.deep.equal([]);

    await scale(0);
    await open(sleeping).reconcile();
    expect(await awake(), 'mending wakes nobody').to.equal(false);
    const told = await open(sleeping).readiness({ releaseId: 'm-r1' });
    expect(told).to.deep.equal({
      ready: false,
      reason: `${metadata.name} has no pods, as nobody asked for long; it is woken`,
    });
    expect(await awake()).to.equal(true);
    await scale(1);
    await until(ready);
    expect((await open(sleeping).capacity({ releaseId: 'm-r1', base })).reason).to.contain('no GPU is asked for');
    await open(sleeping).retire({ model: 'm', releaseId: 'm-r1' });
    expect(await read(scaledObjectKind)).to.equal(null);
  });

  it('who scales changes with the settings, and never two at once', async () => {
    await deploy({ replicas: { least: 1, most: 3, waitingTarget: 4 } });
    expect(await read(autoscalerKind)).not.to.equal(null);
    await deploy(sleeping);
    expect(await read(autoscalerKind)).to.equal(null);
    expect(await read(scaledObjectKind)).not.to.equal(null);
    await deploy({ replicas: { least: 1, most: 1, waitingTarget: 4 } });
    expect(await read(autoscalerKind)).to.equal(null);
    expect(await read(scaledObjectKind)).to.equal(null);
    await open({}).retire({ model: 'm', releaseId: 'm-r1' });
  });

  it('pods of one shape go once those of the other are ready, and not before', async () => {
    const over = { machines: 2, replicas: { least: 1, most: 1, waitingTarget: 4 } };
    await deploy(over);
    const single = { replicas: { least: 1, most: 1, waitingTarget: 4 } };
    await deploy(single);
    expect(await read(leaderWorkerSetKind)).not.to.equal(null);
    const serving = open(single);
    await until(async () => {
      await serving.reconcile();
      return (await serving.readiness({ releaseId: 'm-r1' })).ready;
    });
    await serving.reconcile();
    expect(await read(leaderWorkerSetKind)).to.equal(null);
    await deploy(over);
    await open(over).reconcile();
    expect(await read(deploymentKind), 'its successor is not ready').not.to.equal(null);
    await open(over).retire({ model: 'm', releaseId: 'm-r1' });
    expect([await read(deploymentKind), await read(leaderWorkerSetKind)]).to.deep.equal([null, null]);
  });

  it('an image that brings its adapter along needs no store, no worker and no door for other adapters', async () => {
    const store = new DirectoryStore({ root });
    const name = 'adapter_model.safetensors';
    const prefix = 'releases/m-r2/adapter';
    const { sha256, bytes } = await store.put({ key: `${prefix}/${name}`, body: Buffer.from('weights') });
    const adapter = await store.put({ key: manifestKey(prefix), body: adapterManifest([{ name, sha256, bytes }]) });
    const baked = {
      apart: true,
      replicas: { least: 1, most: 1, waitingTarget: 4 },
      adapters: { atOnce: 1, inMemory: 1, rank: 16, repository: 'registry.example.com/models/adapters' },
    };
    const serving = open(baked);
    await serving.deploy({ model: 'm', releaseId: 'm-r2', base, adapter });
    const own = { name: poolName({ base, releaseId: 'm-r2' }), namespace };
    const { spec } = (await client().read<V1Deployment>({ ...deploymentKind, metadata: own }))!.spec!.template;
    const [container] = spec!.containers;
    expect(container!.image).to.equal(`registry.example.com/models/adapters:${adapter.sha256}`);
    expect(container!.args!.join(' ')).to.include(
      '--lora-modules m-r2=/opt/understudy/adapter m=/opt/understudy/adapter',
    );
    expect(container!.env!.map((one) => one.name)).not.to.include('VLLM_ALLOW_RUNTIME_LORA_UPDATING');
    expect(spec!.volumes!.map((one) => one.name)).to.deep.equal(['models', 'memory']);
    expect(spec).not.to.have.property('readinessGates');
    // What the image would start with.
    server.names.add('m-r2').add('m');
    await until(async () => (await serving.readiness({ releaseId: 'm-r2' })).ready);
    expect(await serving.reconcile()).to.deep.equal({ failed: [] });
    expect([...server.names]).to.include('m-r2');
    await serving.retire({ model: 'm', releaseId: 'm-r2' });
    expect(await client().read({ ...deploymentKind, metadata: own })).to.equal(null);
  });

  it('what is somebody else’s is neither changed nor deleted, and a release that met it can be ended', async () => {
    const core = cluster!.config.makeApiClient(CoreV1Api);
    await core.createNamespacedService({
      namespace,
      body: { metadata: { name: metadata.name }, spec: { ports: [{ port: 1 }] } },
    });
    await expectPortError(deploy({}), 'InvalidInput', `Service ${namespace}/${metadata.name}`, "somebody else's");
    await open({}).retire({ model: 'm', releaseId: 'm-r1' });
    expect(await open({}).served({ model: 'm' })).to.deep.equal([]);
    const found = await core.readNamespacedService(metadata);
    expect([found.metadata!.labels, found.spec!.ports!.map(({ port }) => port)]).to.deep.equal([undefined, [1]]);
    await core.deleteNamespacedService(metadata);
  });

  it('a kind that the cluster does not know is named, and none of it is there', async () => {
    const unknown = { apiVersion: 'nobody.example.com/v1', kind: 'LeaderWorkerSet', metadata };
    await expectPortError(client().apply({ object: unknown }), 'InvalidInput', 'LeaderWorkerSet', 'install');
    expect(await client().read(unknown)).to.equal(null);
  });
});
