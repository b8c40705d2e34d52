import type { KubernetesObject, V1Condition, V1Deployment, V1PodTemplateSpec } from '@kubernetes/client-node';
import { rolloutTrouble } from './pod-trouble.js';
import { helperLabels, poolLabels, type PodSet, type Pool } from './pool.js';
import { answeringPod, helperPod } from './vllm-pods.js';

/** Groups of pods that start, serve and end together: https://lws.sigs.k8s.io, v0.5 or newer. */
export interface LeaderWorkerSet extends KubernetesObject {
  spec?: {
    replicas?: number;
    startupPolicy: 'LeaderCreated';
    rolloutStrategy: {
      type: 'RollingUpdate';
      rollingUpdateConfiguration: { maxSurge: number; maxUnavailable: number };
    };
    leaderWorkerTemplate: {
      size: number;
      restartPolicy: 'RecreateGroupOnPodRestart';
      leaderTemplate: V1PodTemplateSpec;
      workerTemplate: V1PodTemplateSpec;
    };
  };
  status?: { updatedReplicas?: number; conditions?: V1Condition[] };
}

export type Workload = V1Deployment | LeaderWorkerSet;

export const deploymentKind = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;
export const leaderWorkerSetKind = {
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
} as const;

/** What keeps the pods of a pool. */
export const workloadKind = ({ machines }: Pick<Pool, 'machines'>) =>
  machines > 1 ? leaderWorkerSetKind : deploymentKind;

/** The kind of object that makes the pods of a workload. */
export const ownerOfPods = ({ machines }: Pick<Pool, 'machines'>): string =>
  machines > 1 ? 'StatefulSet' : 'ReplicaSet';

export const isWorkload = (object: KubernetesObject): object is Workload =>
  object.kind === deploymentKind.kind || object.kind === leaderWorkerSetKind.kind;

/** The object that keeps a set's pods; `replicas` null leaves their number to who scales. */
export function workload({
  set,
  pool,
  metadata,
  replicas,
}: {
  set: PodSet;
  pool: Pool;
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  replicas: number | null;
}): Workload {
  const labels = poolLabels(set);
  const counted = replicas === null ? {} : { replicas };
  const answering: V1PodTemplateSpec = { metadata: { labels }, spec: answeringPod({ set, pool }) };
  const carefully = { maxSurge: 1, maxUnavailable: 0 };
  if (pool.machines === 1)
    return {
      ...deploymentKind,
      metadata,
      spec: {
        ...counted,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: carefully },
        template: answering,
      },
    };
  return {
    ...leaderWorkerSetKind,
    metadata,
    spec: {
      ...counted,
      startupPolicy: 'LeaderCreated',
      rolloutStrategy: { type: 'RollingUpdate', rollingUpdateConfiguration: carefully },
      leaderWorkerTemplate: {
        size: pool.machines,
        // The processes of a copy know each other from their start only.
        restartPolicy: 'RecreateGroupOnPodRestart',
        leaderTemplate: answering,
        workerTemplate: { metadata: { labels: helperLabels(set) }, spec: helperPod({ set, pool }) },
      },
    },
  };
}

/** How far a workload has come: the copies it should have, whether all pods are of its newest form, and what hinders it. */
export function progressOf(found: Workload): { wanted: number; current: boolean; stuck: string | null } {
  const wanted = found.spec?.replicas ?? 1;
  if (found.kind === leaderWorkerSetKind.kind) {
    const { status } = found as LeaderWorkerSet;
    const updating = status?.conditions?.some(({ type, status: is }) => type === 'UpdateInProgress' && is === 'True');
    return { wanted, current: updating !== true && (status?.updatedReplicas ?? 0) >= wanted, stuck: null };
  }
  const { metadata, status } = found as V1Deployment;
  const { replicas = 0, updatedReplicas = 0 } = status ?? {};
  const seen = status?.observedGeneration === metadata?.generation;
  return {
    wanted,
    // Old pods stay until new ones are ready.
    current: seen && updatedReplicas >= wanted && replicas <= updatedReplicas,
    stuck: rolloutTrouble(status?.conditions ?? []),
  };
}
