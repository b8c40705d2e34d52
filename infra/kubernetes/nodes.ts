import type { V1ConfigMap } from '@kubernetes/client-node';
import type { CustomObject } from './custom-object.js';
import type { Settings } from '../settings.js';

export const gpuLabels = { 'understudy.dev/pool': 'gpu' };

/**
 * Nodes with GPUs, always as many as the settings say: a release asks for room on nodes that are there before it
 * applies anything, and a pod that waits for a node to be bought would fail it. One more may come while one is replaced.
 */
export const gpuNodes = (gpus: NonNullable<Settings['gpus']>): CustomObject => ({
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: { name: 'gpu' },
  spec: {
    replicas: gpus.nodes,
    limits: { nodes: String(gpus.nodes + 1) },
    disruption: { consolidateAfter: 'Never', budgets: [{ nodes: '1' }] },
    template: {
      metadata: { labels: gpuLabels },
      spec: {
        nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass', name: 'default' },
        taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
        requirements: [
          { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [...gpus.instanceTypes] },
          { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
          { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
        ],
        expireAfter: '336h',
        terminationGracePeriod: '1h',
      },
    },
  },
});

/** Without it Auto Mode takes network policies and enforces none. */
export const enforcePolicies: V1ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
  data: { 'enable-network-policy-controller': 'true' },
};
