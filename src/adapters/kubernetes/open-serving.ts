import { KubeConfig } from '@kubernetes/client-node';
import type { ArtifactStore } from '../../activities/ports.js';
import { Cluster } from './cluster.js';
import { KubernetesServing } from './kubernetes-serving.js';
import { type Pool, poolPort } from './pool.js';

/** What the client takes where it finds no cluster: a proxy of this machine, which nobody meant. */
const nobodysProxy = 'http://localhost:8080';

/** Serving in the cluster of the environment: that of the process's pod, or of its kubeconfig. Throws where there is none. */
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
  if (config.getCurrentCluster()?.server === nobodysProxy)
    throw new Error(
      'serving.pools: no Kubernetes cluster is known; run in a pod with a service account, or name a kubeconfig in KUBECONFIG',
    );
  const cluster = new Cluster({ config });
  const addressOf: ConstructorParameters<typeof KubernetesServing>[0]['addressOf'] = ({ status }) =>
    `http://${status?.podIP ?? 'no-address'}:${poolPort}`;
  return { cluster, serving: new KubernetesServing({ cluster, namespace, store, pools, apiKey, addressOf }) };
}
