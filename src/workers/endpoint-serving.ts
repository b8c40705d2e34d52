import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ArtifactStore, ChatModel } from '../activities/ports.js';
import { FollowedRouter } from '../adapters/followed-router.js';
import { AsyncEndpointChat } from '../adapters/sagemaker-async/async-chat.js';
import { AsyncServing } from '../adapters/sagemaker-async/async-serving.js';
import { QueueScaling } from '../adapters/sagemaker-async/queue-scaling.js';
import { BatchChat } from '../adapters/sagemaker-batch/batch-chat.js';
import { BatchServing } from '../adapters/sagemaker-batch/batch-serving.js';
import { JobRecords } from '../adapters/sagemaker-batch/job-records.js';
import { TransformJobs } from '../adapters/sagemaker-batch/transform-jobs.js';
import type { S3Place } from '../adapters/s3-store/s3-objects.js';
import type { Hosting } from '../adapters/sagemaker-endpoint/endpoint-plan.js';
import { Endpoints } from '../adapters/sagemaker-endpoint/endpoints.js';
import type { OfflineServing } from '../adapters/sagemaker-endpoint/offline-serving.js';
import { SageMakerServing } from '../adapters/sagemaker-endpoint/sagemaker-serving.js';
import { VariantScaling } from '../adapters/sagemaker-endpoint/variant-scaling.js';
import { VariantSplit } from '../adapters/sagemaker-endpoint/variant-split.js';
import type { EndpointPlatform } from '../config/endpoint-platform.js';

interface Parts {
  endpoints: EndpointPlatform;
  baseModels: Readonly<Record<string, string>>;
  store: ArtifactStore;
  /** The bucket of the store. */
  place: S3Place;
  uriOf: (key: string) => string;
  keyOf: (uri: string) => string | null;
}

/**
 * Releases behind SageMaker's endpoints; `router` where plans are shown as weights of variants, `offlineChat` where what
 * can wait is asked at asynchronous endpoints or by batch transform.
 */
export function endpointServing(parts: Parts): {
  serving: SageMakerServing;
  router?: FollowedRouter;
  offlineChat?: ChatModel;
} {
  const { baseModels, store, uriOf } = parts;
  const { weights, bridge, offline: _offline, ...settings } = parts.endpoints;
  const sageMaker = new SageMakerClient({ maxAttempts: 1 });
  const endpoints = new Endpoints({ client: sageMaker });
  const runtime = new SageMakerRuntimeClient({ maxAttempts: 1 });
  const scaling = new ApplicationAutoScalingClient({ maxAttempts: 1 });
  const hosting = { ...settings, baseModels };
  const { chat, ...offline } = whatCanWait({ ...parts, hosting, sageMaker, hosts: endpoints, runtime, scaling });
  const serving = new SageMakerServing({
    ...{ endpoints, store, uriOf, bridge, hosting, runtime, ...offline },
    scaling: new VariantScaling({ client: scaling, instances: settings.instances }),
  });
  return {
    serving,
    ...(weights && { router: new FollowedRouter({ store, split: new VariantSplit({ endpoints }) }) }),
    ...(chat && { offlineChat: chat }),
  };
}

/** Both ways are known whatever is set, so that a release is retired where it was asked before the settings changed. */
function whatCanWait({
  endpoints: { offline: set },
  store,
  place,
  uriOf,
  keyOf,
  hosting,
  hosts: endpoints,
  sageMaker,
  runtime,
  scaling,
}: Parts & {
  hosting: Hosting;
  hosts: Endpoints;
  sageMaker: SageMakerClient;
  runtime: SageMakerRuntimeClient;
  scaling: ApplicationAutoScalingClient;
}): { chat: ChatModel | null; offline: OfflineServing | null; offlineBefore: OfflineServing[] } {
  const queue = set?.by === 'endpoints' ? set : { instanceType: null, most: 1, requestsAtOnce: 1 };
  const alarms = new CloudWatchClient({ maxAttempts: 1 });
  const asynchronous = new AsyncServing({
    ...{ endpoints, store, hosting, queue, uriOf },
    scaling: new QueueScaling({ scaling, alarms, most: queue.most }),
  });
  const jobs = new TransformJobs({ client: sageMaker, logs: new CloudWatchLogsClient({ maxAttempts: 1 }) });
  const records = new JobRecords({ store });
  const batch = new BatchServing({ endpoints, jobs, records, store, place, hosting, uriOf });
  if (set?.by === 'endpoints') {
    const chat = new AsyncEndpointChat({ runtime, store, uriOf, keyOf });
    return { chat, offline: asynchronous, offlineBefore: [batch] };
  }
  if (set === null) return { chat: null, offline: null, offlineBefore: [asynchronous, batch] };
  const chat = new BatchChat({ jobs, records, store, hosting, queue: set, uriOf });
  return { chat, offline: batch, offlineBefore: [asynchronous] };
}
