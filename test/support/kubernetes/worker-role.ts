import { CoreV1Api, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { workerManifests } from '../../../infra/kubernetes/worker.js';
import { serviceAccounts, workloadsNamespace } from '../../../infra/names.js';
import { exampleInstallation } from '../../infra/support/example-installation.js';
import type { TestCluster } from './cluster.js';

const kinds = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

/**
 * Makes the namespace and the role that an installation gives its workers, and returns how one of them reaches the
 * cluster: what the role does not allow fails, as it would there.
 */
export async function asWorker(cluster: TestCluster): Promise<KubeConfig> {
  const core = cluster.config.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(cluster.config);
  await core.createNamespace({ body: { metadata: { name: workloadsNamespace } } });
  for (const object of workerManifests(exampleInstallation()))
    if (kinds.includes(object.kind!)) await objects.create(object);
  const { status } = await core.createNamespacedServiceAccountToken({
    namespace: workloadsNamespace,
    name: serviceAccounts.worker,
    body: { spec: { audiences: [], expirationSeconds: 3600 } },
  });
  const config = new KubeConfig();
  config.loadFromClusterAndUser(cluster.config.getCurrentCluster()!, { name: 'worker', token: status!.token });
  return config;
}
