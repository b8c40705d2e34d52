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
  /** Over how many nodes one copy of the model lies, a pod on each: a LeaderWorkerSet from 2 on, else a Deployment. */
  machines: number;
  requests: { cpu: string; memory: string };
  /** Copies of the model. With `least` below `most`, `scaling` keeps `waitingTarget` waiting requests a copy. */
  replicas: { least: number; most: number; waitingTarget: number };
  scaling: Scaling;
  adapters: {
    atOnce: number;
    inMemory: number;
    rank: number;
    /** Images that bring an adapter along, each under the digest of its adapter; null loads adapters at run time. */
    repository: string | null;
  };
  maxModelLength: number;
  /** Secret whose field `api-key` vLLM asks of its callers. */
  apiKeySecret: string;
  /** Pods of its own for each release, under the model's name too, so that what asks needs to know no release. */
  apart: boolean;
  nodeSelector: Readonly<Record<string, string>>;
  tolerations: readonly { key: string; operator: 'Exists' | 'Equal'; value?: string; effect?: string }[];
}

/**
 * Who changes the number of copies: a HorizontalPodAutoscaler over a metrics adapter, or KEDA over Prometheus, which can
 * also take the last one away.
 */
export type Scaling =
  | { by: 'hpa' }
  | {
      by: 'keda';
      /** Address of the Prometheus that scrapes gateways and vLLM. */
      prometheus: string;
      /** So long nobody must have asked before the last copy goes. */
      idleSeconds: number;
    };

export const poolPort = 8000;
/** Where an image that brings its adapter along has it (docs/aws.md). */
export const bakedFolder = '/opt/understudy/adapter';
export const storeMount = '/mnt/store';
export const modelsMount = '/mnt/models';

/** Says whose an object is: only objects that carry it are ever changed or deleted. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'understudy' } as const;

/** The labels of everything that serves. */
const ownerLabels = { 'app.kubernetes.io/name': 'vllm', ...managedBy } as const;

const instanceLabel = 'app.kubernetes.io/instance';

/** A pod gets requests only once its adapters are loaded: this condition of its readiness is ours to set. */
export const adaptersLoaded = 'understudy.dev/AdaptersLoaded';

/** Equal pods: all of a base, or those of one release of it where releases are kept apart. */
export interface PodSet {
  base: string;
  /** Null where the releases of a base share their pods. */
  releaseId: string | null;
  /** A name beside the base's that the weights themselves answer to. */
  alias: string | null;
  /** The image that brings the adapter along, and what it answers to; null where adapters are loaded at run time. */
  baked: { image: string; names: readonly string[] } | null;
}

/** The name of all objects of a set; the digest keeps sets apart whose names only differ in signs. */
export function poolName({ base, releaseId }: Pick<PodSet, 'base' | 'releaseId'>): string {
  const words = (releaseId ?? base)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const name = releaseId === null ? base : `${base} ${releaseId}`;
  return `vllm-${words}-${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
}

export const poolLabels = (set: Pick<PodSet, 'base' | 'releaseId'>): Record<string, string> => ({
  ...ownerLabels,
  [instanceLabel]: poolName(set),
});

/** The labels of every pod of a set: those that answer, and the others of a copy over several nodes. */
export const groupLabels = (set: Pick<PodSet, 'base' | 'releaseId'>): Record<string, string> => ({
  ...managedBy,
  [instanceLabel]: poolName(set),
});

/** A pod that only computes for the one that answers: no Service finds it. */
export const helperLabels = (set: Pick<PodSet, 'base' | 'releaseId'>): Record<string, string> => ({
  ...groupLabels(set),
  'app.kubernetes.io/name': 'vllm-helper',
});

export const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
