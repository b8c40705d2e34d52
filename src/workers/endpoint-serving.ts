import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ArtifactStore } from '../activities/ports.js';
import { FollowedRouter } from '../adapters/followed-router.js';
import { Endpoints } from '../adapters/sagemaker-endpoint/endpoints.js';
import { SageMakerServing } from '../adapters/sagemaker-endpoint/sagemaker-serving.js';
import { VariantScaling } from '../adapters/sagemaker-endpoint/variant-scaling.js';
import { VariantSplit } from '../adapters/sagemaker-endpoint/variant-split.js';
import type { EndpointPlatform } from '../config/endpoint-platform.js';

/** Releases behind SageMaker's endpoints; `router` where plans are shown as weights of variants. */
export function endpointServing({
  endpoints: { weights, bridge, ...hosting },
  baseModels,
  store,
  uriOf,
}: {
  endpoints: EndpointPlatform;
  baseModels: Readonly<Record<string, string>>;
  store: ArtifactStore;
  uriOf: (key: string) => string;
}): { serving: SageMakerServing; router?: FollowedRouter } {
  const endpoints = new Endpoints({ client: new SageMakerClient({ maxAttempts: 1 }) });
  const serving = new SageMakerServing({
    ...{ endpoints, store, uriOf, bridge, hosting: { ...hosting, baseModels } },
    scaling: new VariantScaling({
      client: new ApplicationAutoScalingClient({ maxAttempts: 1 }),
      instances: hosting.instances,
    }),
    runtime: new SageMakerRuntimeClient({ maxAttempts: 1 }),
  });
  return { serving, ...(weights && { router: new FollowedRouter({ store, split: new VariantSplit({ endpoints }) }) }) };
}
