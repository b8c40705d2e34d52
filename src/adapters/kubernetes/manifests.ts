import type {
  KubernetesObject,
  V1Container,
  V1Deployment,
  V1NetworkPolicy,
  V1PodDisruptionBudget,
  V1Service,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import {
  adaptersLoaded,
  modelsMount,
  poolLabels,
  poolName,
  type PodSet,
  type Pool,
  poolPort,
  storeMount,
} from './pool.js';

/** Pods that may ask vLLM carry this label with `gateway` or `worker`. */
const roleLabel = 'understudy.dev/role';
const drainSeconds = 120;
/** Time for the endpoints of a Service to forget a pod before it stops taking requests. */
const forgetSeconds = 10;

/** Everything that serves a set of pods, in the order in which it is applied. */
export function poolManifests({
  set,
  pool,
  namespace,
}: {
  set: PodSet;
  pool: Pool;
  namespace: string;
}): KubernetesObject[] {
  const labels = poolLabels(set);
  const metadata = { name: poolName(set), namespace, labels };
  const autoscaled = pool.replicas.least < pool.replicas.most;
  const service: V1Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: labels, ports: [{ name: 'http', port: poolPort, targetPort: 'http', protocol: 'TCP' }] },
  };
  const budget: V1PodDisruptionBudget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  };
  return [
    networkPolicy({ metadata, labels }),
    service,
    budget,
    deployment({ set, pool, metadata, labels, autoscaled }),
    ...(autoscaled ? [autoscaler({ pool, metadata })] : []),
  ];
}

interface Named {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
}

function deployment({
  set,
  pool,
  metadata,
  labels,
  autoscaled,
}: Named & { set: PodSet; pool: Pool; labels: Record<string, string>; autoscaled: boolean }): V1Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      // The autoscaler's to set: a number here would be applied over it.
      ...(autoscaled ? {} : { replicas: pool.replicas.least }),
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: drainSeconds,
          readinessGates: [{ conditionType: adaptersLoaded }],
          nodeSelector: { ...pool.nodeSelector },
          tolerations: pool.tolerations.map((toleration) => ({ ...toleration })),
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [container({ set, pool })],
          volumes: [
            { name: 'models', persistentVolumeClaim: { claimName: pool.claims.models, readOnly: true } },
            { name: 'store', persistentVolumeClaim: { claimName: pool.claims.store, readOnly: true } },
            { name: 'memory', emptyDir: { medium: 'Memory' } },
          ],
        },
      },
    },
  };
}

function container({ set: { base, alias }, pool }: { set: PodSet; pool: Pool }): V1Container {
  const { gpus, requests, adapters } = pool;
  const limits = gpus.count > 0 ? { [gpus.resource]: String(gpus.count) } : {};
  const health = { httpGet: { path: '/health', port: 'http' } };
  return {
    name: 'vllm',
    image: pool.image,
    command: ['python3', '-m', 'vllm.entrypoints.openai.api_server'],
    args: [
      '--host=0.0.0.0',
      `--port=${poolPort}`,
      `--model=${modelsMount}/${pool.modelPath}`,
      ...['--served-model-name', base, ...(alias === null ? [] : [alias])],
      '--enable-lora',
      `--max-loras=${adapters.atOnce}`,
      `--max-cpu-loras=${adapters.inMemory}`,
      `--max-lora-rank=${adapters.rank}`,
      `--max-model-len=${pool.maxModelLength}`,
      ...(gpus.count > 1 ? [`--tensor-parallel-size=${gpus.count}`] : []),
    ],
    env: [
      { name: 'HF_HUB_OFFLINE', value: '1' },
      { name: 'VLLM_NO_USAGE_STATS', value: '1' },
      { name: 'DO_NOT_TRACK', value: '1' },
      { name: 'VLLM_ALLOW_RUNTIME_LORA_UPDATING', value: 'True' },
      { name: 'VLLM_API_KEY', valueFrom: { secretKeyRef: { name: pool.apiKeySecret, key: 'api-key' } } },
    ],
    ports: [{ name: 'http', containerPort: poolPort, protocol: 'TCP' }],
    resources: { requests: { ...requests, ...limits }, limits: { memory: requests.memory, ...limits } },
    // Loading weights takes minutes; liveness only counts afterwards.
    startupProbe: { ...health, periodSeconds: 10, failureThreshold: 120 },
    readinessProbe: { ...health, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...health, periodSeconds: 10, failureThreshold: 6 },
    lifecycle: { preStop: { sleep: { seconds: forgetSeconds } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: 'models', mountPath: modelsMount, readOnly: true },
      { name: 'store', mountPath: storeMount, readOnly: true },
      { name: 'memory', mountPath: '/dev/shm' },
    ],
  };
}

/** vLLM is asked by gateways and workers alone, and asks nobody: its weights come from volumes. */
const networkPolicy = ({ metadata, labels }: Named & { labels: Record<string, string> }): V1NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        _from: [
          { podSelector: { matchExpressions: [{ key: roleLabel, operator: 'In', values: ['gateway', 'worker'] }] } },
        ],
        ports: [{ port: poolPort, protocol: 'TCP' }],
      },
    ],
    egress: [],
  },
});

const autoscaler = ({ pool, metadata }: Named & { pool: Pool }): V2HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata,
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name },
    minReplicas: pool.replicas.least,
    maxReplicas: pool.replicas.most,
    metrics: [
      {
        type: 'Pods',
        pods: {
          metric: { name: 'vllm_num_requests_waiting' },
          target: { type: 'AverageValue', averageValue: String(pool.replicas.waitingTarget) },
        },
      },
    ],
    // A pod takes minutes to start, so it is not given up for a quiet minute.
    behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
  },
});
