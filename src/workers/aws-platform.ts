import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { KubeConfig } from '@kubernetes/client-node';
import { type ArtifactStore, PortError, type ServingPlatform, type Trainer } from '../activities/ports.js';
import { Cluster } from '../adapters/kubernetes/cluster.js';
import { KubernetesServing } from '../adapters/kubernetes/kubernetes-serving.js';
import { poolPort } from '../adapters/kubernetes/pool.js';
import { bucketPlace } from '../adapters/open-store.js';
import { SageMakerTrainer } from '../adapters/sagemaker/sagemaker-trainer.js';
import type { Platform } from '../config/platform.js';
import type { WorkerSettings } from '../config/worker-settings.js';

const reconcileMilliseconds = 5_000;
const freshMilliseconds = 10_000;

/**
 * Training on SageMaker and serving on EKS, as the platform file says. Credentials are the process's own: a role for
 * AWS, and for Kubernetes the service account of its pod, or the kubeconfig of the environment.
 */
export function awsPlatform({
  settings: { store: location, endpoint },
  platform: { training, serving },
  store,
}: {
  settings: Pick<WorkerSettings, 'store' | 'endpoint'>;
  platform: Platform;
  store: ArtifactStore;
}): { trainer: Trainer; serving: ServingPlatform; close: () => void } {
  const { bucket, prefix } = bucketPlace(location);
  const root = `s3://${bucket}/${prefix === '' ? '' : `${prefix}/`}`;
  const { keepWarm: keepWarmSeconds, ...rest } = training;
  const trainer = new SageMakerTrainer({
    ...rest,
    keepWarmSeconds,
    client: new SageMakerClient({ maxAttempts: 1 }),
    logs: new CloudWatchLogsClient({ maxAttempts: 1 }),
    store,
    uriOf: (key) => `${root}${key}`,
    keyOf: (uri) => (uri.startsWith(root) ? uri.slice(root.length) : null),
    freshMilliseconds,
    now: () => new Date(),
  });
  const config = new KubeConfig();
  config.loadFromDefault();
  const pods = new KubernetesServing({
    cluster: new Cluster({ config }),
    namespace: serving.namespace,
    store,
    pools: serving.pools,
    apiKey: endpoint.apiKey?.reveal() ?? null,
    addressOf: ({ status }) => `http://${status?.podIP ?? 'no-address'}:${poolPort}`,
  });
  return { trainer, serving: pods, close: watchPods(pods) };
}

/** Keeps pods supplied with what they should serve; what goes wrong is told once until it changes. */
function watchPods(serving: KubernetesServing): () => void {
  let told = '';
  let ended = false;
  const look = async (): Promise<void> => {
    const troubles = await serving.reconcile().then(
      ({ failed }) => failed.map(({ pod, reason }) => `${pod}: ${reason}`),
      (error: unknown) => [error instanceof PortError ? error.message : String(error)],
    );
    const now = troubles.join('; ');
    if (now !== told && now !== '') process.stderr.write(`adapters: ${now}\n`);
    told = now;
    if (!ended) setTimeout(() => void look(), reconcileMilliseconds).unref();
  };
  void look();
  return () => {
    ended = true;
  };
}
