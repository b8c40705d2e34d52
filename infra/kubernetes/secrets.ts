import type { V1Volume } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import { serviceAccounts, workloadsNamespace } from '../names.js';
import { type Process, secretsFor } from '../secrets.js';
import type { Settings } from '../settings.js';
import type { CustomObject } from './custom-object.js';

/** The secret of Kubernetes with the key that vLLM asks for; KubernetesServing names it in its pods. */
export const vllmSecret = 'vllm';

export const secretsMount = '/secrets';

/**
 * What a process gets of Secrets Manager: files while its pods live, and as a secret of Kubernetes the settings that are
 * read from the environment.
 */
export function secretClass({ settings, process }: { settings: Settings; process: Process }): CustomObject {
  const secrets = secretsFor({ settings, process });
  const inEnvironment = secrets.flatMap(({ name, for: uses }) =>
    uses.flatMap((use) =>
      use.process === process && use.setting !== null ? [{ objectName: name, key: use.setting }] : [],
    ),
  );
  const synced = { secretName: process as string, type: 'Opaque', data: inEnvironment };
  const forVllm = { secretName: vllmSecret, type: 'Opaque', data: [{ objectName: 'vllm-api-key', key: 'api-key' }] };
  return {
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: 'SecretProviderClass',
    metadata: { name: process, namespace: workloadsNamespace },
    spec: {
      provider: 'aws',
      parameters: {
        region: settings.region,
        usePodIdentity: 'true',
        objects: stringify(
          secrets.map(({ name }) => ({
            objectName: `${settings.name}/${name}`,
            objectType: 'secretsmanager',
            objectAlias: name,
          })),
        ),
      },
      secretObjects: process === 'worker' ? [synced, forVllm] : [synced],
    },
  };
}

/** A pod that has this volume waits until every secret has a value. */
export const secretVolume = (process: Process): V1Volume => ({
  name: 'secrets',
  csi: {
    driver: 'secrets-store.csi.k8s.io',
    readOnly: true,
    volumeAttributes: { secretProviderClass: process },
  },
});

/** The service account of a process: EKS Pod Identity knows its role by this name. */
export const serviceAccount = (process: Process | 'monitoring') => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: serviceAccounts[process], namespace: workloadsNamespace },
  automountServiceAccountToken: false,
});
