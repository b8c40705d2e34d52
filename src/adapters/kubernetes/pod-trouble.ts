import type { V1ContainerStatus, V1DeploymentCondition, V1Pod, V1PodCondition } from '@kubernetes/client-node';

/** Why a pod doesn't serve; `previous` where the lines that explain it are those of the container before. */
export interface PodTrouble {
  pod: string;
  reason: string;
  previous: boolean;
}

/** The reasons of pods that never become ready, the clearest first; null for one that is only starting or is ready. */
export function podTrouble(pod: V1Pod): PodTrouble | null {
  const name = pod.metadata?.name ?? '?';
  const told = (reason: string, previous = false): PodTrouble => ({ pod: name, reason, previous });
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False')
    return told(`${scheduled.reason ?? 'Unschedulable'}: ${scheduled.message ?? 'no node takes it'}`);
  for (const status of statusesOf(pod)) {
    const { waiting, terminated } = status.state ?? {};
    const last = status.lastState?.terminated;
    const restarts = `${status.restartCount} restarts`;
    if (last?.reason === 'OOMKilled' || terminated?.reason === 'OOMKilled')
      return told(`OOMKilled after ${restarts}: needs more memory than ${limitOf(pod)}`, terminated === undefined);
    if (waiting?.reason !== undefined && waiting.reason !== 'ContainerCreating' && waiting.reason !== 'PodInitializing')
      return told(`${waiting.reason}: ${waiting.message ?? restarts}`, waiting.reason === 'CrashLoopBackOff');
    if (terminated !== undefined && terminated.exitCode !== 0)
      return told(`${terminated.reason ?? 'Error'}: exit code ${terminated.exitCode}`);
    if (status.restartCount > 0 && last !== undefined && status.ready === false)
      return told(`${last.reason ?? 'Error'}: exit code ${last.exitCode}, ${restarts}`, true);
  }
  return null;
}

/** Whether its containers answer; whether our condition holds is another matter. */
export const containersReady = (pod: V1Pod): boolean =>
  pod.metadata?.deletionTimestamp === undefined && conditionOf(pod, 'ContainersReady')?.status === 'True';

export const podReady = (pod: V1Pod): boolean =>
  pod.metadata?.deletionTimestamp === undefined && conditionOf(pod, 'Ready')?.status === 'True';

export const conditionOf = (pod: V1Pod, type: string): V1PodCondition | undefined =>
  pod.status?.conditions?.find((condition) => condition.type === type);

const statusesOf = (pod: V1Pod): V1ContainerStatus[] => [
  ...(pod.status?.initContainerStatuses ?? []),
  ...(pod.status?.containerStatuses ?? []),
];

const limitOf = (pod: V1Pod): string => pod.spec?.containers[0]?.resources?.limits?.memory ?? 'its node has';

/** A Deployment's own word on a rollout that does not get on; null while it does. */
export function rolloutTrouble(conditions: readonly V1DeploymentCondition[]): string | null {
  const stuck = conditions.find(({ type, status }) => type === 'Progressing' && status === 'False');
  const refused = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  const told = refused ?? stuck;
  return told === undefined ? null : `${told.reason ?? told.type}: ${told.message ?? ''}`;
}
