import type { KubernetesObject, V1Deployment, V1Namespace, V1ServiceAccount } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import { serviceAccounts, temporalNamespace } from '../names.js';
import type { CustomObject } from './custom-object.js';
import { hardened, hardenedPod, imageOf, type Installation } from './parts.js';

/** The secret with the password of the database; infra/helm/temporal.yaml names it. */
export const databaseSecret = 'temporal-database';

const name = serviceAccounts.temporal;

const namespace: V1Namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: temporalNamespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
};

const account: V1ServiceAccount = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: temporalNamespace },
  automountServiceAccountToken: false,
};

/**
 * What the chart of a Temporal of one's own needs before it is installed: its namespace, and the password of its
 * database. A pod that only waits keeps the password there, since the chart's own pods can't mount it.
 */
export function temporalManifests({ settings, outputs }: Installation): KubernetesObject[] {
  if (settings.temporal.kind === 'cloud') return [];
  if (outputs.DatabaseSecretArn === undefined)
    throw new Error('outputs: DatabaseSecretArn is missing; deploy the stacks with these settings first');
  const password: CustomObject = {
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: 'SecretProviderClass',
    metadata: { name, namespace: temporalNamespace },
    spec: {
      provider: 'aws',
      parameters: {
        region: settings.region,
        usePodIdentity: 'true',
        objects: stringify([
          { objectName: outputs.DatabaseSecretArn, jmesPath: [{ path: 'password', objectAlias: 'password' }] },
        ]),
      },
      secretObjects: [
        { secretName: databaseSecret, type: 'Opaque', data: [{ objectName: 'password', key: 'password' }] },
      ],
    },
  };
  return [namespace, account, password, holder(imageOf({ settings, name: 'gateway' }))];
}

const holder = (image: string): V1Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: temporalNamespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        ...hardenedPod,
        serviceAccountName: name,
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'wait',
            image,
            command: ['sleep', 'infinity'],
            resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '16Mi' } },
            securityContext: hardened,
            volumeMounts: [{ name: 'secrets', mountPath: '/secrets', readOnly: true }],
          },
        ],
        volumes: [
          {
            name: 'secrets',
            csi: {
              driver: 'secrets-store.csi.k8s.io',
              readOnly: true,
              volumeAttributes: { secretProviderClass: name },
            },
          },
        ],
      },
    },
  },
});
