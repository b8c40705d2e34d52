import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KubernetesObject, KubernetesObjectApi, loadAllYaml } from '@kubernetes/client-node';
import { execa } from 'execa';
import type { TestCluster } from './cluster.js';

const downloadMilliseconds = 300_000;
const servedMilliseconds = 60_000;

/** Where a kind's definition lies in the Go module of its makers. */
export const definitions = {
  NodePool: { module: 'sigs.k8s.io/karpenter@v1.9.0', file: 'pkg/apis/crds/karpenter.sh_nodepools.yaml' },
  LeaderWorkerSet: {
    module: 'sigs.k8s.io/lws@v0.7.0',
    file: 'config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml',
  },
  ScaledObject: { module: 'github.com/kedacore/keda/v2@v2.18.3', file: 'config/crd/bases/keda.sh_scaledobjects.yaml' },
} as const;

interface Definition extends KubernetesObject {
  spec: { group: string; names: { kind: string }; versions: { name: string }[] };
}

/** Folder of a Go module, `path@version`. Rejects where it can't be had. */
export async function moduleFolder(module: string): Promise<string> {
  const { stdout } = await execa('go', ['mod', 'download', '-json', module], { timeout: downloadMilliseconds });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

/** The definition of a kind as its makers publish it; null, with a loud word, where it can't be had. */
async function readDefinition(kind: keyof typeof definitions): Promise<Definition | null> {
  const { module, file } = definitions[kind];
  try {
    const [definition] = loadAllYaml(await readFile(join(await moduleFolder(module), file), 'utf8')) as Definition[];
    return definition!;
  } catch (error) {
    process.stderr.write(`NO ${kind.toUpperCase()} HERE, it is not checked: ${String(error).split('\n')[0]}\n`);
    return null;
  }
}

/** Has a cluster know a kind, and waits until it serves it; false where the definition can't be had. */
export async function addDefinition({
  cluster,
  kind,
}: {
  cluster: TestCluster;
  kind: keyof typeof definitions;
}): Promise<boolean> {
  const definition = await readDefinition(kind);
  if (definition === null) return false;
  await KubernetesObjectApi.makeApiClient(cluster.config).create(definition);
  const { group, versions } = definition.spec;
  const apiVersion = `${group}/${versions[0]!.name}`;
  const until = Date.now() + servedMilliseconds;
  for (;;) {
    // What a client has found once it keeps: each look takes a new one.
    const found = await KubernetesObjectApi.makeApiClient(cluster.config)
      .list(apiVersion, kind, 'default')
      .then(
        () => true,
        () => false,
      );
    if (found) return true;
    if (Date.now() > until) throw new Error(`${kind} is not served after ${servedMilliseconds} ms`);
    await new Promise((done) => setTimeout(done, 200));
  }
}
