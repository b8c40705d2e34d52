import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  loadAllYaml,
} from '@kubernetes/client-node';
import getPort from 'get-port';
import type { KubernetesTools } from './find-kubernetes.js';

const readyMilliseconds = 120_000;
const stopMilliseconds = 20_000;

/** A cluster on loopback: a real control plane of its own, and nodes that kwok plays. */
export class TestCluster {
  readonly config = new KubeConfig();
  readonly #tools: KubernetesTools;
  readonly #podNetwork: string;
  readonly #running = new Map<string, ChildProcess>();
  #folder = '';

  constructor({
    tools,
    podNetwork = '10.0.0.1/24',
  }: {
    tools: KubernetesTools;
    /** Where kwok takes the addresses of pods from. */
    podNetwork?: string;
  }) {
    this.#tools = tools;
    this.#podNetwork = podNetwork;
  }

  /** The file that other programs find the cluster by. */
  get kubeconfig(): string {
    return this.#path('kubeconfig');
  }

  /** Files with a certificate that the API server trusts on loopback, and with its key. */
  get certificate(): { certificate: string; key: string } {
    return { certificate: this.#path('certificates/apiserver.crt'), key: this.#path('certificates/apiserver.key') };
  }

  /** As `config`, of an API server where nobody listens. */
  configOfNobody(): KubeConfig {
    const lost = new KubeConfig();
    lost.loadFromString(this.config.exportConfig());
    lost.clusters = lost.clusters.map((one) => ({ ...one, server: 'https://127.0.0.1:9' }));
    return lost;
  }

  /** The API server takes calls and answers none, as one whose machine hangs, until `resumeApi`. */
  pauseApi(): void {
    this.#running.get('apiserver')!.kill('SIGSTOP');
  }

  resumeApi(): void {
    this.#running.get('apiserver')!.kill('SIGCONT');
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
    const [port, etcdPort, peerPort] = await Promise.all([getPort(), getPort(), getPort()]);
    const token = randomBytes(16).toString('hex');
    await this.#writeSecrets(token);
    const etcd = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    this.#spawn('etcd', [
      // It dies with the test: waiting for the disk keeps nothing.
      '--unsafe-no-fsync',
      ...['--data-dir', this.#path('etcd'), '--listen-client-urls', etcd, '--advertise-client-urls', etcd],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
    ]);
    this.#spawn('apiserver', [
      ...[`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1'],
      ...[
        `--secure-port=${port}`,
        `--cert-dir=${this.#path('certificates')}`,
        `--token-auth-file=${this.#path('tokens.csv')}`,
      ],
      ...['--authorization-mode=RBAC', '--service-account-issuer=https://kubernetes.default.svc'],
      ...[
        `--service-account-key-file=${this.#path('accounts.pem')}`,
        `--service-account-signing-key-file=${this.#path('accounts.key')}`,
      ],
      ...['--service-cluster-ip-range=10.96.0.0/16', '--endpoint-reconciler-type=none'],
      '--disable-admission-plugins=ServiceAccount',
    ]);
    const server = `https://127.0.0.1:${port}`;
    await this.#until(() => this.#connect({ server, token }));
    const kubeconfig = [`--kubeconfig=${this.#path('kubeconfig')}`, '--leader-elect=false', '--secure-port=0'];
    this.#spawn('controller-manager', [
      ...kubeconfig,
      ...[
        '--bind-address=127.0.0.1',
        '--controllers=*,-nodeipam',
        // On a busy machine kwok speaks for its nodes late; it never takes back what is said of their pods then.
        '--node-monitor-grace-period=1h',
        `--service-account-private-key-file=${this.#path('accounts.key')}`,
      ],
    ]);
    this.#spawn('scheduler', kubeconfig);
    const core = this.config.makeApiClient(CoreV1Api);
    await this.#until(() => core.readNamespacedServiceAccount({ namespace: 'default', name: 'default' }));
    await this.#startKwok();
  }

  /** Applies the definitions of the Gateway API. */
  async addGatewayApi(): Promise<void> {
    const objects = KubernetesObjectApi.makeApiClient(this.config);
    for (const name of await readdir(this.#tools.gatewayDefinitions)) {
      const text = await readFile(join(this.#tools.gatewayDefinitions, name), 'utf8');
      const [object] = loadAllYaml(text) as KubernetesObject[];
      if (object?.kind === 'CustomResourceDefinition') await objects.create(object);
    }
    await this.#until(() => objects.list('gateway.networking.k8s.io/v1', 'HTTPRoute', 'default'));
  }

  /** A node with GPUs that kwok plays. */
  async addNode({ name, gpus }: { name: string; gpus: number }): Promise<void> {
    const core = this.config.makeApiClient(CoreV1Api);
    const amounts = { cpu: '32', memory: '256Gi', pods: '110', 'nvidia.com/gpu': String(gpus) };
    await core.createNode({
      body: {
        metadata: {
          name,
          annotations: { 'kwok.x-k8s.io/node': 'fake' },
          labels: { 'kubernetes.io/hostname': name, 'understudy.dev/pool': 'gpu' },
        },
        spec: { taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule', value: 'present' }] },
        status: { allocatable: amounts, capacity: amounts },
      },
    });
    await this.#until(async () => {
      const { status } = await core.readNode({ name });
      if (status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True') throw new Error('not ready');
    });
  }

  /** A volume as a driver for buckets offers it, bound to its claim. */
  async addVolume({ namespace, claim }: { namespace: string; claim: string }): Promise<void> {
    const core = this.config.makeApiClient(CoreV1Api);
    const shared = { accessModes: ['ReadOnlyMany'], storageClassName: '' };
    const csi = { driver: 's3.csi.aws.com', volumeHandle: claim };
    await core.createPersistentVolume({
      body: { metadata: { name: claim }, spec: { ...shared, csi, capacity: { storage: '1Ti' } } },
    });
    await core.createNamespacedPersistentVolumeClaim({
      namespace,
      body: {
        metadata: { name: claim },
        spec: { ...shared, volumeName: claim, resources: { requests: { storage: '1Ti' } } },
      },
    });
  }

  async stop(): Promise<void> {
    for (const child of [...this.#running.values()].toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill();
      const inTime = await Promise.race([ended.then(() => true), wait(stopMilliseconds, false, { ref: false })]);
      if (!inTime) child.kill('SIGKILL');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startKwok(): Promise<void> {
    const stages: string[] = [];
    for (const name of ['node/fast', 'pod/fast'])
      for (const file of await readdir(join(this.#tools.stages, name)))
        if (file.endsWith('.yaml') && file !== 'kustomization.yaml')
          stages.push(await readFile(join(this.#tools.stages, name, file), 'utf8'));
    await writeFile(this.#path('kwok.yaml'), stages.join('\n---\n'));
    this.#spawn(
      'kwok',
      [
        ...[`--kubeconfig=${this.#path('kubeconfig')}`, `--config=${this.#path('kwok.yaml')}`],
        ...['--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake', `--cidr=${this.#podNetwork}`],
      ],
      this.#tools.kwok,
    );
  }

  async #writeSecrets(token: string): Promise<void> {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const secret = { mode: 0o600 };
    await writeFile(this.#path('accounts.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    await writeFile(this.#path('accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), secret);
    await writeFile(this.#path('tokens.csv'), `${token},admin,admin,"system:masters"\n`, secret);
  }

  async #connect({ server, token }: { server: string; token: string }): Promise<void> {
    const caFile = this.#path('certificates/apiserver.crt');
    this.config.loadFromClusterAndUser(
      { name: 'test', server, caFile, skipTLSVerify: false },
      { name: 'admin', token },
    );
    await writeFile(this.#path('kubeconfig'), this.config.exportConfig(), { mode: 0o600 });
    await this.config.makeApiClient(CoreV1Api).listNode();
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #spawn(name: string, args: readonly string[], command = this.#tools.controlPlane): void {
    const words = command === this.#tools.controlPlane ? [name, ...args] : args;
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(this.#path(`${name}.log`));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    this.#running.set(name, child);
  }

  async #until(look: () => Promise<unknown>): Promise<void> {
    const until = Date.now() + readyMilliseconds;
    for (;;) {
      try {
        await look();
        return;
      } catch (error) {
        const gone = [...this.#running.values()].some(({ exitCode }) => exitCode !== null);
        if (gone || Date.now() > until)
          throw new Error(`the cluster did not start, see ${this.#folder}`, { cause: error });
        await wait(200);
      }
    }
  }
}
