import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cacheRoot } from '../cache.js';
import { moduleFolder } from './definitions.js';

const kwokModule = 'sigs.k8s.io/kwok@v0.8.0';
const gatewayModule = 'sigs.k8s.io/gateway-api@v1.6.3';
const buildMilliseconds = 25 * 60_000;

/** Everything that a cluster for tests takes. */
export interface KubernetesTools {
  /** etcd, API server, controllers and scheduler in one binary. */
  controlPlane: string;
  /** Plays nodes and the pods on them. */
  kwok: string;
  /** Folder with kwok's stages of nodes and pods. */
  stages: string;
  /** Folder with the definitions of the Gateway API. */
  gatewayDefinitions: string;
}

const source = (name: string): string => fileURLToPath(new URL(`control-plane/${name}`, import.meta.url));

/**
 * The control plane of Kubernetes, built once from its Go modules into the cache outside the project; a cold build
 * takes some five minutes of two cores and 2.5 GB. Null, with a loud word, where it can't be built.
 */
export async function findKubernetes(): Promise<KubernetesTools | null> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(await readFile(source(name)));
  const folder = join(cacheRoot(), 'tools', `kubernetes-${hash.digest('hex').slice(0, 12)}`);
  const tools = {
    controlPlane: join(folder, 'control-plane'),
    kwok: join(folder, 'kwok'),
    stages: join(folder, 'stages'),
    gatewayDefinitions: join(folder, 'gateway'),
  };
  if (existsSync(folder)) return tools;
  const own = await mkdir(join(folder, '..'), { recursive: true }).then(() => mkdtemp(`${folder}-`));
  try {
    await build(own);
    // Whoever is first wins; both have built the same.
    await rename(own, folder).catch(() => null);
    return tools;
  } catch (error) {
    process.stderr.write(`NO KUBERNETES HERE, its tests are skipped: ${String(error).split('\n')[0]}\n`);
    return null;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function build(folder: string): Promise<void> {
  const options = { timeout: buildMilliseconds, env: { GOFLAGS: '-mod=mod' } };
  const version = '-X k8s.io/component-base/version.gitVersion=v1.36.3';
  const numbers = '-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36';
  const flags = ['-trimpath', '-ldflags', `-s -w ${version} ${numbers}`, '-o', join(folder, 'control-plane')];
  await execa('go', ['build', ...flags, '.'], { ...options, cwd: source('.') });
  const [name, at] = kwokModule.split('@');
  await execa('go', ['install', `${name}/cmd/kwok@${at}`], { ...options, env: { GOBIN: folder } });
  const kwok = await moduleFolder(kwokModule);
  await cp(join(kwok, 'kustomize', 'stage'), join(folder, 'stages'), { recursive: true });
  const gateway = await moduleFolder(gatewayModule);
  await cp(join(gateway, 'config', 'crd', 'standard'), join(folder, 'gateway'), { recursive: true });
}
