import { KubeConfig } from '@kubernetes/client-node';
import type { ArtifactStore } from '../../activities/ports.js';
import { Cluster } from './cluster.js';
import { KubernetesServing } from './kubernetes-serving.js';
import { type Pool, poolPort } from './pool.js';

/** Serving in the cluster of the environment: that of the process's pod, or of its kubeconfig. */
export function openKubernetesServing({
  serving: { namespace, pools },
  store,
  apiKey,
}: {
  serving: { namespace: string; pools: Readonly<Record<string, Pool>> };
  store: ArtifactStore;
  apiKey: string | null;
}): { cluster: Cluster; serving: KubernetesServing } {
  const config = new KubeConfig();
  config.loadFromDefault();
  const cluster = new Cluster({ config });
  const addressOf: ConstructorParameters<typeof KubernetesServing>[0]['addressOf'] = ({ status }) =>
    `http://${status?.podIP ?? 'no-address'}:${poolPort}`;
  return { cluster, serving: new KubernetesServing({ cluster, namespace, store, pools, apiKey, addressOf }) };
}
