import { fileURLToPath } from 'node:url';
import type { ArtifactStore, ServingPlatform, Trainer } from '../activities/ports.js';
import { LocalTrainer } from '../adapters/local-trainer/local-trainer.js';
import { VllmServing } from '../adapters/vllm-serving/vllm-serving.js';
import { trainingEnvironment } from '../config/training-environment.js';
import type { WorkerSettings } from '../config/worker-settings.js';

/** Training as a process of this machine, and one vLLM that takes adapters. */
export function localPlatform({
  settings: { home, mlflow, endpoint, baseModels, local },
  store,
}: {
  settings: WorkerSettings & { local: NonNullable<WorkerSettings['local']> };
  store: ArtifactStore;
}): { trainer: Trainer; serving: ServingPlatform } {
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
    serving: new VllmServing({
      store,
      endpoint: local.endpoint,
      ...(endpoint.liveBaseUrl ? { liveEndpoint: endpoint.liveBaseUrl } : {}),
      apiKey: endpoint.apiKey?.reveal() ?? null,
      bases: Object.fromEntries(Object.keys(baseModels).map((id) => [id, id])),
    }),
  };
}
