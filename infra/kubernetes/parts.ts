import type { V1Container, V1NetworkPolicyEgressRule, V1PodSpec, V1SecurityContext } from '@kubernetes/client-node';
import { poolPort } from '../../src/adapters/kubernetes/pool.js';
import { bridgePort } from '../limits.js';
import { workloadsNamespace } from '../names.js';
import type { Outputs, Settings } from '../settings.js';

/** What manifests are made of: what the team chose, and what the stacks have made. */
export interface Installation {
  settings: Settings;
  outputs: Outputs;
}

/** Who may ask vLLM, and whom network policies let through; src/adapters/kubernetes/manifests.ts goes by it. */
export const roleLabel = 'understudy.dev/role';

export type Role = 'gateway' | 'worker' | 'bridge' | 'mlflow' | 'monitoring';

export const labelsOf = (role: Role): Record<string, string> => ({
  'app.kubernetes.io/name': role,
  'app.kubernetes.io/part-of': 'understudy',
  [roleLabel]: role,
});

/** What the pods of a role are known by. */
export const selectorOf = (role: Role): Record<string, string> => ({ [roleLabel]: role });

export const metadataOf = (role: Role) => ({ name: role, namespace: workloadsNamespace, labels: labelsOf(role) });

/** Nothing that a process of ours needs: no root, no capability, no write outside its volumes. */
export const hardened: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

export const hardenedPod = {
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  },
} satisfies Partial<V1PodSpec>;

/** Pods of a role stand in several zones, and on several nodes of each. */
export const spread = (role: Role): NonNullable<V1PodSpec['topologySpreadConstraints']> =>
  ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorOf(role) },
  }));

/** Environment variables with plain values; null leaves one out. */
export const plainEnvironment = (values: Readonly<Record<string, string | null>>): NonNullable<V1Container['env']> =>
  Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));

const tcp = (port: number) => ({ port, protocol: 'TCP' });

/** Names, and the agent of Pod Identity, which gives a pod its credentials (its address is the same in every cluster). */
export const toNamesAndCredentials: V1NetworkPolicyEgressRule[] = [
  { ports: [tcp(53), { port: 53, protocol: 'UDP' }] },
  { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }], ports: [tcp(80)] },
];

/** AWS's services, the API server and judges, which have no addresses that a policy could name; nothing in plain text. */
export const toHttps: V1NetworkPolicyEgressRule = { ports: [tcp(443)] };

export const toRole = (role: Role, port: number): V1NetworkPolicyEgressRule => ({
  to: [{ podSelector: { matchLabels: selectorOf(role) } }],
  ports: [tcp(port)],
});

/** Those who answer for releases: vLLM's pods, or the bridge to SageMaker's endpoints. */
export const toReleases = ({ settings }: Pick<Installation, 'settings'>): V1NetworkPolicyEgressRule =>
  settings.endpoints === null ? toVllm(poolPort) : toRole('bridge', bridgePort);

const toVllm = (port: number): V1NetworkPolicyEgressRule => ({
  to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'vllm' } } }],
  ports: [tcp(port)],
});

/** The address of the store as our processes take it. */
export const storeLocation = ({ settings, outputs }: Installation): string =>
  `s3://${outputs.StoreBucket}?region=${settings.region}`;

/** An image of ours, by digest. */
export const imageOf = ({
  settings,
  name,
}: {
  settings: Settings;
  name: 'gateway' | 'worker' | 'training' | 'mlflow';
}) => `${settings.account}.dkr.ecr.${settings.region}.amazonaws.com/${settings.name}/${name}@${settings.images[name]}`;
