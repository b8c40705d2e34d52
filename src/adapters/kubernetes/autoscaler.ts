import type { KubernetesObject, V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import type { Pool, Scaling } from './pool.js';
import { workloadKind } from './workload.js';

export const autoscalerKind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' } as const;
export const scaledObjectKind = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' } as const;

/** KEDA's own word for "as if somebody asked": a pool that sleeps gets its first copy, and keeps it. */
export const wakeAnnotation = 'autoscaling.keda.sh/force-activation';

const pollSeconds = 30;
/** Questions of so long ago still count as somebody asking. */
const askedWithin = '2m';
/** A pod takes minutes to start, so it is not given up for a quiet minute. */
const calmSeconds = 600;
/** Questions keep a pool awake; how many copies it needs is told by what waits. */
const neverByQuestions = '1000000000';

export interface ScaledObject extends KubernetesObject {
  spec?: {
    scaleTargetRef: { apiVersion: string; kind: string; name: string };
    pollingInterval: number;
    cooldownPeriod: number;
    minReplicaCount: number;
    maxReplicaCount: number;
    fallback: { failureThreshold: number; replicas: number };
    advanced: { horizontalPodAutoscalerConfig: { behavior: object } };
    triggers: { type: 'prometheus'; name: string; metricType: 'AverageValue'; metadata: Record<string, string> }[];
  };
}

export const isAutoscaled = ({ replicas: { least, most } }: Pick<Pool, 'replicas'>): boolean => least < most;

/** What changes the number of copies of a pool. `releases` are those whose questions it answers. */
export function autoscaler({
  pool,
  metadata,
  releases,
}: {
  pool: Pool;
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  releases: readonly string[];
}): V2HorizontalPodAutoscaler | ScaledObject {
  const { scaling } = pool;
  const target = { ...workloadKind(pool), name: metadata.name };
  const behavior = { scaleDown: { stabilizationWindowSeconds: calmSeconds } };
  if (scaling.by === 'keda') return scaledObject({ pool, scaling, metadata, target, behavior, releases });
  return {
    ...autoscalerKind,
    metadata,
    spec: {
      scaleTargetRef: target,
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
      behavior,
    },
  };
}

/** The expressions of PromQL that KEDA asks: both have a value where nothing was ever measured. */
export function questionsOf({
  name,
  namespace,
  releases,
}: {
  name: string;
  namespace: string;
  releases: readonly string[];
}): { waiting: string; asked: string } {
  const requests = `understudy_gateway_events_total{event="request",release=~"${releases.map((one) => one.replaceAll('.', '[.]')).join('|')}"}`;
  const pods = `{namespace="${namespace}",pod=~"${name}-.+"}`;
  const measured = (expression: string): string => `(sum(${expression}) or vector(0))`;
  return {
    waiting: measured(`vllm:num_requests_waiting${pods}`),
    asked: [
      measured(`increase(${requests}[${askedWithin}])`),
      // A counter begins with its first question, where nothing has increased yet.
      measured(`${requests} unless ${requests} offset ${askedWithin}`),
      // Workers ask without a gateway.
      measured(`vllm:num_requests_running${pods}`),
      measured(`increase(vllm:request_success_total${pods}[${askedWithin}])`),
    ].join(' + '),
  };
}

function scaledObject({
  pool: {
    replicas: { least, most, waitingTarget },
  },
  scaling: { prometheus, idleSeconds },
  metadata,
  target,
  behavior,
  releases,
}: {
  pool: Pool;
  scaling: Extract<Scaling, { by: 'keda' }>;
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  target: { apiVersion: string; kind: string; name: string };
  behavior: object;
  releases: readonly string[];
}): ScaledObject {
  const { waiting, asked } = questionsOf({ ...metadata, releases });
  const trigger = (name: string, query: string, threshold: string) => ({
    type: 'prometheus' as const,
    name,
    metricType: 'AverageValue' as const,
    metadata: { serverAddress: prometheus, query, threshold, activationThreshold: '0' },
  });
  return {
    ...scaledObjectKind,
    metadata,
    spec: {
      scaleTargetRef: target,
      pollingInterval: pollSeconds,
      cooldownPeriod: idleSeconds,
      minReplicaCount: least,
      maxReplicaCount: most,
      // Without figures nothing is taken away from users.
      fallback: { failureThreshold: 3, replicas: Math.max(1, least) },
      advanced: { horizontalPodAutoscalerConfig: { behavior } },
      triggers: [trigger('waiting', waiting, String(waitingTarget)), trigger('asked', asked, neverByQuestions)],
    },
  };
}
