import type { KubernetesObject } from '@kubernetes/client-node';
import { bridgeManifests } from './bridge.js';
import { gatewayManifests } from './gateway.js';
import { mlflowManifests } from './mlflow.js';
import { monitoringManifests } from './monitoring.js';
import { enforcePolicies, gpuNodes } from './nodes.js';
import type { Installation } from './parts.js';
import { namespaceManifests, storageManifests } from './storage.js';
import { temporalManifests } from './temporal.js';
import { workerManifests } from './worker.js';

/** Everything that an installation applies to its cluster, in order; vLLM's own objects are the workers' to apply. */
export const manifestsOf = (installation: Installation): KubernetesObject[] => [
  enforcePolicies,
  ...namespaceManifests,
  ...storageManifests(installation),
  ...(installation.settings.gpus === null ? [] : [gpuNodes(installation.settings.gpus)]),
  ...temporalManifests(installation),
  ...mlflowManifests(installation),
  ...gatewayManifests(installation),
  ...workerManifests(installation),
  ...(installation.settings.endpoints === null ? [] : bridgeManifests(installation)),
  ...monitoringManifests(installation),
];
