import type {
  KubernetesObject,
  V1Namespace,
  V1NetworkPolicy,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1StorageClass,
} from '@kubernetes/client-node';
import { workloadsNamespace } from '../names.js';
import type { Installation } from './parts.js';

export const storeClaim = 'store';
export const modelsClaim = 'models';
export const diskClass = 'understudy-disk';

const namespace: V1Namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: workloadsNamespace,
    labels: {
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
  },
};

const nothingElse: V1NetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'nothing-else', namespace: workloadsNamespace },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

/** The namespace: nothing in it may be privileged, and nothing reaches anything that no policy names. */
export const namespaceManifests: KubernetesObject[] = [namespace, nothingElse];

/** Disks of EKS Auto Mode, encrypted, which stay when their claim goes. */
const disks: V1StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: diskClass },
  provisioner: 'ebs.csi.eks.amazonaws.com',
  parameters: { type: 'gp3', encrypted: 'true' },
  reclaimPolicy: 'Retain',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

/** The two buckets as vLLM sees them: folders that it can only read. */
export const storageManifests = ({ settings, outputs }: Installation): KubernetesObject[] => [
  disks,
  ...[
    { name: storeClaim, bucketName: outputs.StoreBucket },
    { name: modelsClaim, bucketName: outputs.ModelsBucket },
  ].flatMap(({ name, bucketName }) => [
    volume({ name, bucketName, region: settings.region }),
    claim({ name, volumeName: `${workloadsNamespace}-${name}` }),
  ]),
];

const size = { storage: '1Ti' };

const volume = ({
  name,
  bucketName,
  region,
}: {
  name: string;
  bucketName: string;
  region: string;
}): V1PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: `${workloadsNamespace}-${name}` },
  spec: {
    // A bucket has no size; Kubernetes asks for one.
    capacity: size,
    accessModes: ['ReadOnlyMany'],
    storageClassName: '',
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { namespace: workloadsNamespace, name },
    mountOptions: [`region ${region}`, 'read-only', 'allow-other'],
    csi: {
      driver: 's3.csi.aws.com',
      volumeHandle: `${workloadsNamespace}-${name}`,
      volumeAttributes: { bucketName },
    },
  },
});

const claim = ({ name, volumeName }: { name: string; volumeName: string }): V1PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: workloadsNamespace },
  spec: { accessModes: ['ReadOnlyMany'], storageClassName: '', volumeName, resources: { requests: size } },
});
