import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ArtifactStore, ChatModel } from '../activities/ports.js';
import { FollowedRouter } from '../adapters/followed-router.js';
import { AsyncEndpointChat } from '../adapters/sagemaker-async/async-chat.js';
import { AsyncServing } from '../adapters/sagemaker-async/async-serving.js';
import { QueueScaling } from '../adapters/sagemaker-async/queue-scaling.js';
import { Endpoints } from '../adapters/sagemaker-endpoint/endpoints.js';
import { SageMakerServing } from '../adapters/sagemaker-endpoint/sagemaker-serving.js';
import { VariantScaling } from '../adapters/sagemaker-endpoint/variant-scaling.js';
import { VariantSplit } from '../adapters/sagemaker-endpoint/variant-split.js';
import type { EndpointPlatform } from '../config/endpoint-platform.js';

/**
 * Releases behind SageMaker's endpoints; `router` where plans are shown as weights of variants, `offlineChat` where what
 * can wait is asked at asynchronous endpoints.
 */
export function endpointServing({
  endpoints: { weights, bridge, offline: queue, ...settings },
  baseModels,
  store,
  uriOf,
  keyOf,
}: {
  endpoints: EndpointPlatform;
  baseModels: Readonly<Record<string, string>>;
  store: ArtifactStore;
  uriOf: (key: string) => string;
  keyOf: (uri: string) => string | null;
}): { serving: SageMakerServing; router?: FollowedRouter; offlineChat?: ChatModel } {
  const endpoints = new Endpoints({ client: new SageMakerClient({ maxAttempts: 1 }) });
  const runtime = new SageMakerRuntimeClient({ maxAttempts: 1 });
  const scalingClient = new ApplicationAutoScalingClient({ maxAttempts: 1 });
  const hosting = { ...settings, baseModels };
  const offline =
    queue &&
    new AsyncServing({
      ...{ endpoints, store, hosting, queue, uriOf },
      scaling: new QueueScaling({
        ...{ scaling: scalingClient, alarms: new CloudWatchClient({ maxAttempts: 1 }), most: queue.most },
      }),
    });
  const serving = new SageMakerServing({
    ...{ endpoints, store, uriOf, bridge, hosting, runtime, offline },
    scaling: new VariantScaling({ client: scalingClient, instances: settings.instances }),
  });
  return {
    serving,
    ...(weights && { router: new FollowedRouter({ store, split: new VariantSplit({ endpoints }) }) }),
    ...(queue && { offlineChat: new AsyncEndpointChat({ runtime, store, uriOf, keyOf }) }),
  };
}
