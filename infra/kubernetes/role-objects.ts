import type {
  V1NetworkPolicy,
  V1NetworkPolicyEgressRule,
  V1NetworkPolicyIngressRule,
  V1PodDisruptionBudget,
  V1Service,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { metadataOf, type Role, selectorOf } from './parts.js';

/** The name by which pods of a namespace find those of a role. */
export const serviceOf = ({ role, port }: { role: Role; port: number }): V1Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadataOf(role),
  spec: { selector: selectorOf(role), ports: [{ name: 'http', port, targetPort: 'http', protocol: 'TCP' }] },
});

/** At most one pod of a role is away at once where nodes are drained. */
export const budgetOf = (role: Role): V1PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: metadataOf(role),
  spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(role) } },
});

/** As many pods of a role as its processors are busy, fewer one by one. */
export const autoscalerOf = ({
  role,
  pods: { least, most },
  busyPercent,
  calmSeconds,
  everySeconds,
}: {
  role: Role;
  pods: { least: number; most: number };
  busyPercent: number;
  /** So long it must have been calm before a pod goes. */
  calmSeconds: number;
  /** Between two pods that go. */
  everySeconds: number;
}): V2HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: metadataOf(role),
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: role },
    minReplicas: least,
    maxReplicas: most,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: busyPercent } } },
    ],
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: calmSeconds,
        policies: [{ type: 'Pods', value: 1, periodSeconds: everySeconds }],
      },
    },
  },
});

/** Lets a role's pods talk as the rules say, and no other way. */
export const networkPolicyOf = ({
  role,
  ingress,
  egress,
}: {
  role: Role;
  ingress: V1NetworkPolicyIngressRule[];
  egress: V1NetworkPolicyEgressRule[];
}): V1NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadataOf(role),
  spec: { podSelector: { matchLabels: selectorOf(role) }, policyTypes: ['Ingress', 'Egress'], ingress, egress },
});
