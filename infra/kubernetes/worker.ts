import type {
  KubernetesObject,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1Deployment,
  V1NetworkPolicy,
  V1Role,
  V1RoleBinding,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { stringify } from 'yaml';
import { metricsNamespace } from '../limits.js';
import { serviceAccounts, temporalNamespace, workloadsNamespace } from '../names.js';
import { mlflowPort } from './mlflow.js';
import {
  hardened,
  hardenedPod,
  imageOf,
  type Installation,
  labelsOf,
  metadataOf,
  plainEnvironment,
  selectorOf,
  spread,
  storeLocation,
  toHttps,
  toNamesAndCredentials,
  toReleases,
  toRole,
} from './parts.js';
import { autoscalerOf, budgetOf, networkPolicyOf } from './role-objects.js';
import { platformOf } from './platform.js';
import { secretClass, secretsMount, secretVolume, serviceAccount } from './secrets.js';

const role = 'worker';
const metadata = metadataOf(role);
const healthPort = 8081;
const platformFolder = '/etc/understudy';
const temporalPort = 7233;

/** Workers: they decide, start training, and serve releases by vLLM in their own namespace. */
export const workerManifests = (installation: Installation): KubernetesObject[] => [
  serviceAccount(role),
  secretClass({ settings: installation.settings, process: role }),
  platformMap(installation),
  servingRole,
  binding({ kind: 'Role', name: role }),
  roomRole,
  binding({ kind: 'ClusterRole', name: roomRole.metadata!.name! }),
  networkPolicy(installation),
  budgetOf(role),
  deployment(installation),
  autoscaler(installation),
];

const platformMap = (installation: Installation): V1ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { ...metadata, name: 'platform' },
  data: { 'platform.yaml': stringify(platformOf(installation)) },
});

const kept = ['get', 'create', 'patch', 'delete'];

/** What KubernetesServing and HttpRouteSplit do in the namespace; their contract tests run under it. */
const servingRole: V1Role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata,
  rules: [
    { apiGroups: [''], resources: ['services'], verbs: kept },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: kept },
    { apiGroups: ['leaderworkerset.x-k8s.io'], resources: ['leaderworkersets'], verbs: kept },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: kept },
    { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: kept },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: kept },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: kept },
    { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: ['get', 'create', 'patch'] },
    { apiGroups: [''], resources: ['pods', 'resourcequotas'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch'] },
  ],
};

/** Counting free GPUs takes every node, and every pod on it. */
const roomRole: V1ClusterRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'understudy-worker-room', labels: labelsOf(role) },
  rules: [{ apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['list'] }],
};

const binding = ({
  kind,
  name,
}: {
  kind: 'Role' | 'ClusterRole';
  name: string;
}): V1RoleBinding | V1ClusterRoleBinding => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: `${kind}Binding`,
  metadata: kind === 'Role' ? { ...metadata, name } : { name, labels: labelsOf(role) },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
  subjects: [{ kind: 'ServiceAccount', name: serviceAccounts.worker, namespace: workloadsNamespace }],
});

function environment(installation: Installation): Record<string, string | null> {
  const { settings, outputs } = installation;
  const { temporal } = settings;
  const cloud = temporal.kind === 'cloud';
  return {
    HOME: '/data/home',
    UNDERSTUDY_HOME: '/data/home',
    UNDERSTUDY_PROFILE: 'aws',
    UNDERSTUDY_PLATFORM: `${platformFolder}/platform.yaml`,
    UNDERSTUDY_STORE: storeLocation(installation),
    UNDERSTUDY_SUMMARIES_TABLE: outputs.SummariesTable,
    CLOUDWATCH_NAMESPACE: metricsNamespace,
    AWS_REGION: settings.region,
    TEMPORAL_ADDRESS: cloud ? temporal.address : `temporal-frontend.${temporalNamespace}:${temporalPort}`,
    TEMPORAL_NAMESPACE: cloud ? temporal.namespace : 'default',
    MLFLOW_TRACKING_URI: `http://mlflow:${mlflowPort}`,
    JUDGE_BASE_URL: settings.judge?.baseUrl ?? null,
    WORKER_HEALTH_PORT: String(healthPort),
  };
}

const deployment = (installation: Installation): V1Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    // The autoscaler's to set: a number here would be applied over it.
    selector: { matchLabels: selectorOf(role) },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: labelsOf(role) },
      spec: {
        ...hardenedPod,
        serviceAccountName: serviceAccounts.worker,
        // It applies what serves.
        automountServiceAccountToken: true,
        terminationGracePeriodSeconds: 60,
        topologySpreadConstraints: spread(role),
        containers: [
          {
            name: role,
            image: imageOf({ settings: installation.settings, name: 'worker' }),
            env: plainEnvironment(environment(installation)),
            envFrom: [{ secretRef: { name: role } }],
            ports: [{ name: 'health', containerPort: healthPort, protocol: 'TCP' }],
            resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '4Gi' } },
            // Connecting to Temporal and MLflow, and compiling workflows where no bundle is.
            startupProbe: { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 5, failureThreshold: 36 },
            livenessProbe: {
              httpGet: { path: '/healthz', port: 'health' },
              periodSeconds: 15,
              timeoutSeconds: 5,
              failureThreshold: 4,
            },
            readinessProbe: { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 10, failureThreshold: 2 },
            securityContext: hardened,
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'tmp', mountPath: '/tmp' },
              { name: 'platform', mountPath: platformFolder, readOnly: true },
              { name: 'secrets', mountPath: secretsMount, readOnly: true },
            ],
          },
        ],
        volumes: [
          // Copies of adapters and data sets, and indexes where no Qdrant keeps them.
          { name: 'data', emptyDir: { sizeLimit: '40Gi' } },
          { name: 'tmp', emptyDir: { sizeLimit: '10Gi' } },
          { name: 'platform', configMap: { name: 'platform' } },
          secretVolume(role),
        ],
      },
    },
  },
});

/** Watchers only wait, so that processors say how much workers have to do. */
const autoscaler = ({ settings }: Installation): V2HorizontalPodAutoscaler =>
  autoscalerOf({ role, pods: settings.worker, busyPercent: 70, calmSeconds: 900, everySeconds: 300 });

const networkPolicy = ({ settings }: Installation): V1NetworkPolicy =>
  networkPolicyOf({
    role,
    // The kubelet's probes come from the node, which policies let through; nobody else has anything to ask.
    ingress: [],
    egress: [
      ...toNamesAndCredentials,
      toHttps,
      toReleases({ settings }),
      toRole('mlflow', mlflowPort),
      settings.temporal.kind === 'cloud'
        ? { ports: [{ port: Number(settings.temporal.address.split(':').at(-1)), protocol: 'TCP' }] }
        : {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': temporalNamespace } } }],
            ports: [{ port: temporalPort, protocol: 'TCP' }],
          },
    ],
  });
