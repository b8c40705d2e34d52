import type { V1Node, V1Pod, V1ResourceQuota } from '@kubernetes/client-node';
import type { Pool } from './pool.js';

/** What the cluster offers a pool. `reason` quotes both numbers. */
export interface Room {
  enough: boolean;
  reason: string;
}

/**
 * Whether `wanted` more pods of a pool find their GPUs: on nodes that the pool may use, beside what other pods have
 * asked for, and within the namespace's quota. Kubernetes counts such resources in whole numbers. Without GPUs the
 * scheduler is asked by the pods themselves.
 */
export function gpuRoom({
  pool: { gpus, nodeSelector, tolerations },
  wanted,
  nodes,
  pods,
  quotas,
}: {
  pool: Pick<Pool, 'gpus' | 'nodeSelector' | 'tolerations'>;
  wanted: number;
  nodes: readonly V1Node[];
  pods: readonly V1Pod[];
  quotas: readonly V1ResourceQuota[];
}): Room {
  if (gpus.count === 0 || wanted === 0) return { enough: true, reason: 'no GPU is asked for' };
  const usable = nodes.filter((node) => takes({ node, nodeSelector, tolerations }));
  const free = usable.map((node) => freeOn({ node, pods, resource: gpus.resource }));
  const places = free.reduce((sum, one) => sum + Math.floor(one / gpus.count), 0);
  const sum = free.reduce((all, one) => all + one, 0);
  const asked = `${wanted} more pods of ${gpus.count} ${gpus.resource}`;
  for (const quota of quotas) {
    const name = `requests.${gpus.resource}`;
    const hard = quota.status?.hard?.[name] ?? quota.spec?.hard?.[name];
    if (hard === undefined) continue;
    const used = quota.status?.used?.[name] ?? '0';
    if (Number(hard) - Number(used) < wanted * gpus.count)
      return { enough: false, reason: `${asked} > quota ${quota.metadata?.name ?? '?'}: ${used} of ${hard} are used` };
  }
  return {
    enough: places >= wanted,
    reason: `${asked}; ${sum} are free on ${usable.length} of ${nodes.length} nodes, room for ${places}`,
  };
}

function takes({
  node,
  nodeSelector,
  tolerations,
}: { node: V1Node } & Pick<Pool, 'nodeSelector' | 'tolerations'>): boolean {
  const labels = node.metadata?.labels ?? {};
  const chosen = Object.entries(nodeSelector).every(([name, value]) => labels[name] === value);
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  const tolerated = taints.every((taint) =>
    tolerations.some(
      ({ key, operator, value, effect }) =>
        key === taint.key &&
        (effect === undefined || effect === taint.effect) &&
        (operator === 'Exists' || value === taint.value),
    ),
  );
  return chosen && ready && tolerated && node.spec?.unschedulable !== true;
}

function freeOn({ node, pods, resource }: { node: V1Node; pods: readonly V1Pod[]; resource: string }): number {
  const all = Number(node.status?.allocatable?.[resource] ?? '0');
  const used = pods
    .filter(
      ({ spec, status }) =>
        spec?.nodeName === node.metadata?.name && !['Succeeded', 'Failed'].includes(status?.phase ?? ''),
    )
    .flatMap(({ spec }) => spec?.containers ?? [])
    .reduce((sum, { resources }) => sum + Number(resources?.requests?.[resource] ?? '0'), 0);
  return Math.max(0, all - used);
}
