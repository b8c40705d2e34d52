import type { KubernetesObject, V1Deployment, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { workloadsNamespace } from '../names.js';
import { hardened, hardenedPod, imageOf, type Installation, labelsOf, metadataOf, selectorOf } from './parts.js';
import { networkPolicyOf, serviceOf } from './role-objects.js';
import { diskClass } from './storage.js';

export const mlflowPort = 5000;

const role = 'mlflow';
const metadata = metadataOf(role);

/**
 * MLflow as `npm start` runs it, SQLite on a disk: one pod. Where it is away for a time, workers try again for up to
 * twelve hours, and no request of a user depends on it.
 */
export const mlflowManifests = (installation: Installation): KubernetesObject[] => [
  serviceOf({ role, port: mlflowPort }),
  disk,
  networkPolicy,
  deployment(installation),
];

const disk: V1PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata,
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: diskClass, resources: { requests: { storage: '50Gi' } } },
};

const health = { httpGet: { path: '/health', port: 'http' } };

const deployment = ({ settings }: Installation): V1Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    replicas: 1,
    // Two at once would write to one file.
    strategy: { type: 'Recreate' },
    selector: { matchLabels: selectorOf(role) },
    template: {
      metadata: { labels: labelsOf(role) },
      spec: {
        ...hardenedPod,
        automountServiceAccountToken: false,
        containers: [
          {
            name: role,
            image: imageOf({ settings, name: 'mlflow' }),
            env: [
              { name: 'HOME', value: '/tmp' },
              // A name that is not listed is refused with 403; the kubelet asks by the pod's address.
              {
                name: 'MLFLOW_SERVER_ALLOWED_HOSTS',
                value: `mlflow:${mlflowPort},mlflow.${workloadsNamespace}:${mlflowPort},localhost:*,10.*,172.*,192.168.*`,
              },
            ],
            ports: [{ name: 'http', containerPort: mlflowPort, protocol: 'TCP' }],
            resources: { requests: { cpu: '250m', memory: '1Gi' }, limits: { memory: '2Gi' } },
            startupProbe: { ...health, periodSeconds: 5, failureThreshold: 36 },
            livenessProbe: { ...health, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 },
            readinessProbe: { ...health, periodSeconds: 10, failureThreshold: 2 },
            securityContext: hardened,
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'tmp', mountPath: '/tmp' },
            ],
          },
        ],
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: role } },
          { name: 'tmp', emptyDir: { sizeLimit: '2Gi' } },
        ],
      },
    },
  },
});

const networkPolicy = networkPolicyOf({
  role,
  ingress: [
    {
      _from: [{ podSelector: { matchLabels: selectorOf('worker') } }],
      ports: [{ port: mlflowPort, protocol: 'TCP' }],
    },
  ],
  egress: [],
});
