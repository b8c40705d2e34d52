import { fileURLToPath } from 'node:url';
import type { ArtifactStore, ServingPlatform, Trainer } from '../activities/ports.js';
import { LocalTrainer } from '../adapters/local-trainer/local-trainer.js';
import { VllmServing } from '../adapters/vllm-serving/vllm-serving.js';
import { trainingEnvironment } from '../config/training-environment.js';
import type { WorkerSettings } from '../config/worker-settings.js';
import { repeat } from './mending.js';

/** Users of a release get errors for as long as vLLM has forgotten its adapter. */
const reloadMilliseconds = 5_000;

/** Training as a process of this machine, and one vLLM that takes adapters, again after a restart that has lost them. */
export function localPlatform({
  settings: { home, mlflow, endpoint, baseModels, local },
  store,
}: {
  settings: WorkerSettings & { local: NonNullable<WorkerSettings['local']> };
  store: ArtifactStore;
}): { trainer: Trainer; serving: ServingPlatform; close: () => void } {
  const serving = new VllmServing({
    store,
    endpoint: local.endpoint,
    ...(endpoint.liveBaseUrl ? { liveEndpoint: endpoint.liveBaseUrl } : {}),
    apiKey: endpoint.apiKey?.reveal() ?? null,
    bases: Object.fromEntries(Object.keys(baseModels).map((id) => [id, id])),
  });
  const close = repeat({
    what: 'adapters',
    mend: async () => (await serving.reconcile()).failed.map(({ releaseId, reason }) => `${releaseId}: ${reason}`),
    pauseMilliseconds: reloadMilliseconds,
  });
  return {
    trainer: new LocalTrainer({
      store,
      home,
      python: local.python,
      script: fileURLToPath(new URL('../../training/train.py', import.meta.url)),
      baseModels,
      trackingUri: mlflow.trackingUri,
      environment: trainingEnvironment(),
    }),
    serving,
    close,
  };
}
