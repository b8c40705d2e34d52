import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Secret } from './secret.js';
import { type Platform, readPlatform } from './platform.js';
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
  endpoint: Settings['endpoint'];
  judge: Settings['judge'];
  prometheus: Settings['prometheus'];
  cloudWatchNamespace: Settings['cloudWatchNamespace'];
  baseModels: Settings['baseModels'];
  metricsAddress: Settings['metricsAddress'];
  embedder: Settings['embedder'];
  rerankApiKey: Settings['rerankApiKey'];
  bedrockRegion: Settings['bedrockRegion'];
  knowledgeBase: Settings['knowledgeBase'];
  qdrant: Settings['qdrant'];
  /** What trains and serves on this machine; null where a platform does. */
  local: { python: string; endpoint: string } | null;
  /** Of the model environment; null where this worker neither trains nor merges. */
  python: string | null;
  /** Where releases are trained and served in the profile `aws`. */
  platform: Platform | null;
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
    cloudWatchNamespace,
    baseModels,
    metricsAddress,
    embedder,
    rerankApiKey,
    bedrockRegion,
    knowledgeBase,
    qdrant,
    tools,
    profile,
    platformFile,
  } = loadSettings();
  const needed = {
    TEMPORAL_ADDRESS: temporal.address,
    MLFLOW_TRACKING_URI: mlflow.trackingUri,
    ...(profile === 'aws'
      ? {
          UNDERSTUDY_PLATFORM: platformFile,
          'UNDERSTUDY_STORE as s3://bucket/prefix': store.startsWith('s3://') ? store : null,
        }
      : { OPENAI_BASE_URL: endpoint.baseUrl, UNDERSTUDY_PYTHON: tools.python }),
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
    endpoint,
    judge,
    prometheus,
    cloudWatchNamespace,
    baseModels,
    metricsAddress,
    embedder,
    rerankApiKey,
    bedrockRegion,
    knowledgeBase,
    qdrant,
    python: tools.python,
    local: profile === 'aws' ? null : { python: tools.python!, endpoint: endpoint.baseUrl! },
    platform: profile === 'aws' ? loadPlatform(platformFile!) : null,
  };
}

/** Reads a platform file. Throws an `Error` with every problem. */
export const loadPlatform = (path: string): Platform =>
  readPlatform({ path, content: parse(readFileSync(path, 'utf8')) });
