import type {
  KubernetesObject,
  V1NetworkPolicy,
  V1NetworkPolicyEgressRule,
  V1PodDisruptionBudget,
  V1Service,
} from '@kubernetes/client-node';
import { autoscaler, autoscalerKind, isAutoscaled, scaledObjectKind } from './autoscaler.js';
import { groupLabels, poolLabels, poolName, type PodSet, type Pool, poolPort } from './pool.js';
import { deploymentKind, leaderWorkerSetKind, workload } from './workload.js';

/** Pods that may ask vLLM carry this label with `gateway` or `worker`; those that read its figures with `monitoring`. */
const roleLabel = 'understudy.dev/role';

/** Who scales by figures has them read, as a rule by a Prometheus in a namespace of its own. */
const readsFigures = { namespaceSelector: {}, podSelector: { matchLabels: { [roleLabel]: 'monitoring' } } };

/** Everything that serves a set of pods, in the order in which it is applied. `releases` are those it answers for. */
export function poolManifests({
  set,
  pool,
  namespace,
  releases,
}: {
  set: PodSet;
  pool: Pool;
  namespace: string;
  releases: readonly string[];
}): KubernetesObject[] {
  const labels = poolLabels(set);
  const metadata = { name: poolName(set), namespace, labels };
  const autoscaled = isAutoscaled(pool);
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
    spec: { maxUnavailable: 1, selector: { matchLabels: groupLabels(set) } },
  };
  return [
    networkPolicy({ metadata, set, pool }),
    service,
    budget,
    // With an autoscaler the number is its to set: ours would be applied over it.
    workload({ set, pool, metadata, replicas: autoscaled ? null : pool.replicas.least }),
    ...(autoscaled ? [autoscaler({ pool, metadata, releases })] : []),
  ];
}

/** Objects of this name that a pool of other settings had, and this one has not. */
export function leftoversOf(manifests: readonly KubernetesObject[]): KubernetesObject[] {
  const { name, namespace } = manifests[0]!.metadata!;
  return [autoscalerKind, scaledObjectKind, deploymentKind, leaderWorkerSetKind]
    .filter(({ kind }) => manifests.every((wanted) => wanted.kind !== kind))
    .map((kind) => ({ ...kind, metadata: { name: name!, namespace: namespace! } }));
}

/**
 * vLLM is asked by gateways and workers alone, and asks nobody: its weights come from volumes. The pods of a copy over
 * several nodes talk among themselves, on ports that they choose, and look each other up.
 */
function networkPolicy({
  metadata,
  set,
  pool,
}: {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  set: PodSet;
  pool: Pool;
}): V1NetworkPolicy {
  const together = [{ podSelector: { matchLabels: groupLabels(set) } }];
  const egress: V1NetworkPolicyEgressRule[] = [
    { to: together },
    {
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
      ports: ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol })),
    },
  ];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels: groupLabels(set) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          _from: [
            { podSelector: { matchExpressions: [{ key: roleLabel, operator: 'In', values: ['gateway', 'worker'] }] } },
          ],
          ports: [{ port: poolPort, protocol: 'TCP' }],
        },
        ...(isAutoscaled(pool) ? [{ _from: [readsFigures], ports: [{ port: poolPort, protocol: 'TCP' }] }] : []),
        ...(pool.machines > 1 ? [{ _from: together }] : []),
      ],
      egress: pool.machines > 1 ? egress : [],
    },
  };
}
