import type { Secret } from './secret.js';
import { loadSettings, type Settings } from './settings.js';

/** What a worker can't do without; the rest of `Settings` may be null. */
export interface WorkerSettings {
  home: string;
  store: string;
  summariesTable: Settings['summariesTable'];
  notifiers: Settings['notifiers'];
  pseudonymKey: Secret | null;
  approverKey: Secret | null;
  temporal: Settings['temporal'] & { address: string };
  mlflow: Settings['mlflow'] & { trackingUri: string };
  endpoint: Settings['endpoint'] & { baseUrl: string };
  judge: Settings['judge'];
  prometheus: Settings['prometheus'];
  baseModels: Settings['baseModels'];
  embeddingModel: Settings['embeddingModel'];
  qdrant: Settings['qdrant'];
  python: string;
}

/**
 * The settings of a worker process.
 * @throws Error naming every setting that a worker needs and the environment lacks.
 */
export function loadWorkerSettings(): WorkerSettings {
  const {
    home,
    store,
    summariesTable,
    notifiers,
    pseudonymKey,
    approverKey,
    temporal,
    mlflow,
    endpoint,
    judge,
    prometheus,
    baseModels,
    embeddingModel,
    qdrant,
    tools,
  } = loadSettings();
  const needed = {
    TEMPORAL_ADDRESS: temporal.address,
    MLFLOW_TRACKING_URI: mlflow.trackingUri,
    OPENAI_BASE_URL: endpoint.baseUrl,
    UNDERSTUDY_PYTHON: tools.python,
  };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === null ? [name] : []));
  if (missing.length > 0)
    throw new Error(`a worker needs ${missing.join(', ')}; set them, or let "npm start" run everything`);
  return {
    home,
    store,
    summariesTable,
    notifiers,
    pseudonymKey,
    approverKey,
    temporal: { ...temporal, address: temporal.address! },
    mlflow: { ...mlflow, trackingUri: mlflow.trackingUri! },
    endpoint: { ...endpoint, baseUrl: endpoint.baseUrl! },
    judge,
    prometheus,
    baseModels,
    embeddingModel,
    qdrant,
    python: tools.python!,
  };
}
