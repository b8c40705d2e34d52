import type { KubernetesObject } from '@kubernetes/client-node';

/** An object of a kind that Kubernetes itself does not know. */
export interface CustomObject extends KubernetesObject {
  apiVersion: string;
  kind: string;
  spec: unknown;
}
