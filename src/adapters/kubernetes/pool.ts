import { createHash } from 'node:crypto';

/** How one base model is served: a set of equal pods with vLLM, which take adapters while they run. */
export interface Pool {
  /** The image of vLLM, by digest. */
  image: string;
  /** Folder of the base model in the volume of models. */
  modelPath: string;
  /** Claims of volumes that every pod reads: the base models, and the artifact store (a bucket by its CSI driver). */
  claims: { models: string; store: string };
  /** GPUs of a pod, of the resource that the nodes offer; 0 runs on processors alone. */
  gpus: { resource: string; count: number };
  requests: { cpu: string; memory: string };
  /** With `least` below `most` a HorizontalPodAutoscaler keeps `waitingTarget` waiting requests a pod. */
  replicas: { least: number; most: number; waitingTarget: number };
  adapters: { atOnce: number; inMemory: number; rank: number };
  maxModelLength: number;
  /** Secret whose field `api-key` vLLM asks of its callers. */
  apiKeySecret: string;
  nodeSelector: Readonly<Record<string, string>>;
  tolerations: readonly { key: string; operator: 'Exists' | 'Equal'; value?: string; effect?: string }[];
}

export const poolPort = 8000;
export const storeMount = '/mnt/store';
export const modelsMount = '/mnt/models';

/** Labels that say whose an object is: only objects that carry them are ever changed or deleted. */
export const ownerLabels = {
  'app.kubernetes.io/name': 'vllm',
  'app.kubernetes.io/managed-by': 'understudy',
} as const;

const instanceLabel = 'app.kubernetes.io/instance';

/** A pod gets requests only once its adapters are loaded: this condition of its readiness is ours to set. */
export const adaptersLoaded = 'understudy.dev/AdaptersLoaded';

/** The name of all objects of a base's pool; the digest keeps bases apart whose names only differ in signs. */
export function poolName(base: string): string {
  const words = base
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `vllm-${words}-${createHash('sha256').update(base).digest('hex').slice(0, 6)}`;
}

export const poolLabels = (base: string): Record<string, string> => ({
  ...ownerLabels,
  [instanceLabel]: poolName(base),
});

export const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
