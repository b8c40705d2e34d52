import type { V1Container, V1PodSpec, V1SecurityContext } from '@kubernetes/client-node';
import {
  adaptersLoaded,
  bakedFolder,
  modelsMount,
  poolLabels,
  type PodSet,
  type Pool,
  poolPort,
  storeMount,
} from './pool.js';

/** Time for the endpoints of a Service to forget a pod before it stops taking requests. */
const forgetSeconds = 10;
/** Time for answers that were begun; without it vLLM breaks them off. */
const drainSeconds = 100;
const endSeconds = forgetSeconds + drainSeconds + 10;
/** Where the pods of one copy find each other first. */
const meetingPort = 29501;

const hardened: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A pod that answers requests, alone or as the first of a copy over several nodes. */
export const answeringPod = ({ set, pool }: { set: PodSet; pool: Pool }): V1PodSpec => ({
  ...placed({ set, pool }),
  // Whoever brings everything along waits for nobody.
  ...(pool.adapters.repository === null ? { readinessGates: [{ conditionType: adaptersLoaded }] } : {}),
  containers: [answering({ set, pool })],
});

/** A pod that computes for the one that answers. It is part of its copy: where one restarts, all do. */
export const helperPod = ({ set, pool }: { set: PodSet; pool: Pool }): V1PodSpec => ({
  ...placed({ set, pool }),
  containers: [
    {
      ...container({ set, pool }),
      command: ['python3', '-m', 'vllm.entrypoints.cli.main', 'serve', modelFolder(pool)],
      args: [...modelArguments({ set, pool }), ...groupArguments(pool), '--headless'],
    },
  ],
});

const placed = ({ set, pool }: { set: PodSet; pool: Pool }): Omit<V1PodSpec, 'containers'> => ({
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: endSeconds,
  nodeSelector: { ...pool.nodeSelector },
  tolerations: pool.tolerations.map((toleration) => ({ ...toleration })),
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: poolLabels(set) },
    },
  ],
  volumes: [
    { name: 'models', persistentVolumeClaim: { claimName: pool.claims.models, readOnly: true } },
    ...(pool.adapters.repository === null
      ? [{ name: 'store', persistentVolumeClaim: { claimName: pool.claims.store, readOnly: true } }]
      : []),
    { name: 'memory', emptyDir: { medium: 'Memory' } },
  ],
});

function answering({ set, pool }: { set: PodSet; pool: Pool }): V1Container {
  const health = { httpGet: { path: '/health', port: 'http' } };
  return {
    ...container({ set, pool }),
    command: ['python3', '-m', 'vllm.entrypoints.openai.api_server'],
    args: [
      '--host=0.0.0.0',
      `--port=${poolPort}`,
      `--model=${modelFolder(pool)}`,
      `--shutdown-timeout=${drainSeconds}`,
      ...modelArguments({ set, pool }),
      ...(pool.machines > 1 ? groupArguments(pool) : []),
    ],
    ports: [{ name: 'http', containerPort: poolPort, protocol: 'TCP' }],
    // Loading weights takes minutes; liveness only counts afterwards.
    startupProbe: { ...health, periodSeconds: 10, failureThreshold: 120 },
    readinessProbe: { ...health, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...health, periodSeconds: 10, failureThreshold: 6 },
    lifecycle: { preStop: { sleep: { seconds: forgetSeconds } } },
  };
}

/** What every process of vLLM of a copy is given alike. */
const modelArguments = ({
  set: { base, alias, baked },
  pool: { gpus, adapters, maxModelLength },
}: {
  set: PodSet;
  pool: Pool;
}): string[] => [
  ...['--served-model-name', base, ...(alias === null ? [] : [alias])],
  '--enable-lora',
  ...(baked === null ? [] : ['--lora-modules', ...baked.names.map((name) => `${name}=${bakedFolder}`)]),
  `--max-loras=${adapters.atOnce}`,
  `--max-cpu-loras=${adapters.inMemory}`,
  `--max-lora-rank=${adapters.rank}`,
  `--max-model-len=${maxModelLength}`,
  ...(gpus.count > 1 ? [`--tensor-parallel-size=${gpus.count}`] : []),
];

/** Layers are spread over the nodes, tensors over the GPUs of each; the controller gives every pod its place. */
const groupArguments = ({ machines }: Pool): string[] => [
  `--pipeline-parallel-size=${machines}`,
  '--distributed-executor-backend=mp',
  `--nnodes=${machines}`,
  '--node-rank=$(LWS_WORKER_INDEX)',
  '--master-addr=$(LWS_LEADER_ADDRESS)',
  `--master-port=${meetingPort}`,
];

const modelFolder = ({ modelPath }: Pool): string => `${modelsMount}/${modelPath}`;

function container({ set, pool }: { set: PodSet; pool: Pool }): V1Container {
  const { gpus, machines, requests } = pool;
  const atRunTime = pool.adapters.repository === null;
  const limits = gpus.count > 0 ? { [gpus.resource]: String(gpus.count) } : {};
  return {
    name: 'vllm',
    image: set.baked?.image ?? pool.image,
    env: [
      { name: 'HF_HUB_OFFLINE', value: '1' },
      { name: 'VLLM_NO_USAGE_STATS', value: '1' },
      { name: 'DO_NOT_TRACK', value: '1' },
      ...(atRunTime ? [{ name: 'VLLM_ALLOW_RUNTIME_LORA_UPDATING', value: 'True' }] : []),
      ...(machines > 1 ? [{ name: 'VLLM_HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] : []),
      { name: 'VLLM_API_KEY', valueFrom: { secretKeyRef: { name: pool.apiKeySecret, key: 'api-key' } } },
    ],
    resources: { requests: { ...requests, ...limits }, limits: { memory: requests.memory, ...limits } },
    securityContext: hardened,
    volumeMounts: [
      { name: 'models', mountPath: modelsMount, readOnly: true },
      ...(atRunTime ? [{ name: 'store', mountPath: storeMount, readOnly: true }] : []),
      { name: 'memory', mountPath: '/dev/shm' },
    ],
  };
}
