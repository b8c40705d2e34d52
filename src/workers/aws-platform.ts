import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { ArtifactStore, ChatModel, ServingPlatform, Trainer, TrafficRouter } from '../activities/ports.js';
import { FollowedRouter } from '../adapters/followed-router.js';
import { HttpRouteSplit } from '../adapters/http-route/http-route-split.js';
import { openKubernetesServing } from '../adapters/kubernetes/open-serving.js';
import { bucketPlace } from '../adapters/open-store.js';
import { SageMakerTrainer } from '../adapters/sagemaker/sagemaker-trainer.js';
import type { Platform } from '../config/platform.js';
import type { WorkerSettings } from '../config/worker-settings.js';
import { stalePrices } from '../domain/price-age.js';
import { bedrockServing } from './bedrock-serving.js';
import { endpointServing } from './endpoint-serving.js';
import { repeat } from './mending.js';

const reconcileMilliseconds = 5_000;
/** SageMaker is asked this often what an endpoint has left behind, so that it throttles nobody. */
const tidyMilliseconds = 60_000;
const freshMilliseconds = 10_000;

/**
 * Training on SageMaker and serving on EKS, SageMaker or Bedrock, as the platform file says. Credentials are the process's own: a
 * role for AWS, and for Kubernetes the service account of its pod, or the kubeconfig of the environment.
 */
export function awsPlatform({
  settings: { store: location, endpoint, ...settings },
  platform: { training, serving, routing, bedrock, endpoints },
  store,
}: {
  settings: Pick<WorkerSettings, 'store' | 'endpoint' | 'python' | 'baseModels'>;
  platform: Platform;
  store: ArtifactStore;
}): { trainer: Trainer; serving: ServingPlatform; router?: TrafficRouter; offlineChat?: ChatModel; close: () => void } {
  const place = bucketPlace(location);
  const { bucket, prefix } = place;
  const root = `s3://${bucket}/${prefix === '' ? '' : `${prefix}/`}`;
  const uriOf = (key: string): string => `${root}${key}`;
  const keyOf = (uri: string): string | null => (uri.startsWith(root) ? uri.slice(root.length) : null);
  const { keepWarm: keepWarmSeconds, pricesEnteredOn, ...rest } = training;
  const stale = stalePrices({ enteredOn: pricesEnteredOn, now: new Date().toISOString() });
  if (stale !== null) process.stderr.write(`platform file: training.hourlyPrices: ${stale}\n`);
  const trainer = new SageMakerTrainer({
    ...rest,
    keepWarmSeconds,
    client: new SageMakerClient({ maxAttempts: 1 }),
    logs: new CloudWatchLogsClient({ maxAttempts: 1 }),
    ...{ store, uriOf, keyOf },
    freshMilliseconds,
    now: () => new Date(),
  });
  if (bedrock) return { trainer, serving: bedrockServing({ bedrock, settings, store, uriOf }), close: () => undefined };
  if (endpoints) {
    const { baseModels } = training;
    const { serving: hosted, ...rest } = endpointServing({ endpoints, baseModels, store, place, uriOf, keyOf });
    const { router } = rest;
    const closing = [
      repeat({
        what: 'endpoints',
        mend: () => hosted.reconcile().then(() => []),
        pauseMilliseconds: tidyMilliseconds,
      }),
      ...(router
        ? [repeat({ what: 'weights', mend: () => router.followAll(), pauseMilliseconds: tidyMilliseconds })]
        : []),
    ];
    return { trainer, serving: hosted, ...rest, close: () => closing.forEach((close) => close()) };
  }
  const { cluster, serving: pods } = openKubernetesServing({
    ...{ serving, store },
    apiKey: endpoint.apiKey?.reveal() ?? null,
  });
  const router =
    routing &&
    new FollowedRouter({
      store,
      split: new HttpRouteSplit({ cluster, routes: { ...routing, namespace: serving.namespace } }),
    });
  const closing = [
    repeat({
      what: 'adapters',
      mend: async () => (await pods.reconcile()).failed.map(({ pod, reason }) => `${pod}: ${reason}`),
      pauseMilliseconds: reconcileMilliseconds,
    }),
    ...(router
      ? [repeat({ what: 'routes', mend: () => router.followAll(), pauseMilliseconds: reconcileMilliseconds })]
      : []),
  ];
  return { trainer, serving: pods, ...(router && { router }), close: () => closing.forEach((close) => close()) };
}
