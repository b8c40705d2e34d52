import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubernetesObject, KubernetesObjectApi, loadAllYaml } from '@kubernetes/client-node';
import { execa } from 'execa';
import getPort from 'get-port';
import { stringify } from 'yaml';
import { cacheRoot } from '../cache.js';
import type { TestCluster } from './cluster.js';
import { addDefinition, definitions, moduleFolder } from './definitions.js';

const buildMilliseconds = 15 * 60_000;
const { module } = definitions.LeaderWorkerSet;

interface Webhooks extends KubernetesObject {
  webhooks: { clientConfig: { service?: { path: string }; url?: string; caBundle?: string } }[];
}

/** The real controller of LeaderWorkerSets, built once from its Go module; null, with a loud word, where it can't be. */
export async function findLeaderWorkerController(): Promise<string | null> {
  const command = join(cacheRoot(), 'tools', `leader-worker-sets-${module.split('@')[1]}`);
  if (existsSync(command)) return command;
  await mkdir(join(command, '..'), { recursive: true });
  const folder = await mkdtemp(`${command}-`);
  try {
    // Built inside the module, by its own go.sum.
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', join(folder, 'controller')];
    const args = ['build', '-C', await moduleFolder(module), ...flags, './cmd'];
    await execa('go', args, { timeout: buildMilliseconds });
    await rename(join(folder, 'controller'), command);
    return command;
  } catch (error) {
    process.stderr.write(`NO LEADERWORKERSETS HERE, their tests are skipped: ${String(error).split('\n')[0]}\n`);
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs that controller and its webhooks on loopback for a cluster. */
export class LeaderWorkerController {
  readonly #cluster: TestCluster;
  readonly #command: string;
  #child: ChildProcess | null = null;
  #folder = '';

  constructor({ cluster, command }: { cluster: TestCluster; command: string }) {
    this.#cluster = cluster;
    this.#command = command;
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'leader-worker-sets-'));
    const port = await getPort();
    const { certificate, key } = this.#cluster.certificate;
    await copyFile(certificate, join(this.#folder, 'tls.crt'));
    await copyFile(key, join(this.#folder, 'tls.key'));
    const config = join(this.#folder, 'config.yaml');
    await writeFile(
      config,
      stringify({
        apiVersion: 'config.lws.x-k8s.io/v1alpha1',
        kind: 'Configuration',
        webhook: { host: '127.0.0.1', port, certDir: this.#folder },
        health: { healthProbeBindAddress: '0' },
        metrics: { bindAddress: '0' },
        leaderElection: { leaderElect: false },
        internalCertManagement: { enable: false },
      }),
    );
    await addDefinition({ cluster: this.#cluster, kind: 'LeaderWorkerSet' });
    const child = spawn(this.#command, [`--config=${config}`, `--kubeconfig=${this.#cluster.kubeconfig}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(this.#folder, 'controller.log'));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    this.#child = child;
    await this.#addWebhooks({ port, certificate: await readFile(certificate) });
  }

  async stop(): Promise<void> {
    if (this.#child !== null && this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill();
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #addWebhooks({ port, certificate }: { port: number; certificate: Buffer }): Promise<void> {
    const file = join(await moduleFolder(module), 'config', 'webhook', 'manifests.yaml');
    const objects = KubernetesObjectApi.makeApiClient(this.#cluster.config);
    for (const hooks of loadAllYaml(await readFile(file, 'utf8')) as Webhooks[]) {
      for (const hook of hooks.webhooks)
        hook.clientConfig = {
          url: `https://127.0.0.1:${port}${hook.clientConfig.service!.path}`,
          caBundle: certificate.toString('base64'),
        };
      await objects.create({ ...hooks, metadata: { name: `leader-worker-sets-${hooks.kind!.toLowerCase()}` } });
    }
  }
}
