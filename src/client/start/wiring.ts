import { delimiter, join } from 'node:path';
import { access, constants } from 'node:fs/promises';
import { childEnvironment, searchPath } from '../../config/child-environment.js';
import { temporalPlaceOf, type TemporalPlace } from '../../adapters/temporal/temporal-place.js';
import type { Settings } from '../../config/settings.js';
import { CannotRunError } from './checks.js';
import type { Ports } from './ports.js';

/** Who talks to whom: every address of one run, whether its server is ours to start, and what our programs are told. */
export interface Wiring {
  home: string;
  store: string;
  ports: Ports;
  base: { id: string; folder: string | null };
  temporal: TemporalPlace & { own: boolean; ui: string | null };
  mlflow: { uri: string; own: boolean };
  /** `url` is where the evaluation asks, `live` where the gateway asks; both end in /v1. */
  endpoint: { url: string; live: string; own: boolean };
  gateway: { url: string };
  tools: { python: string | null; temporal: string | null; mlflow: string | null };
  environment: Record<string, string>;
}

/** The first file of this name on the PATH; null where there is none. */
export async function findOnPath(name: string): Promise<string | null> {
  for (const folder of searchPath().split(delimiter)) {
    const file = join(folder, name);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && runs) return file;
  }
  return null;
}

/**
 * Settles every address: what is configured is used, the rest is started on the chosen ports.
 * @throws CannotRunError naming every program or model that would have to be started and is not there.
 */
export async function wire({
  settings,
  ports,
  baseId,
  live,
  moved,
}: {
  settings: Settings;
  ports: Ports;
  baseId: string;
  /** Address of what stands between gateway and endpoint; null when nothing does. */
  live: string | null;
  /** Endpoints that have moved since releases began with them, by their address then. */
  moved: Readonly<Record<string, string>>;
}): Promise<Wiring> {
  const local = (port: number): string => `127.0.0.1:${port}`;
  const tools = {
    python: settings.tools.python,
    temporal: settings.tools.temporal ?? (await findOnPath('temporal')),
    mlflow: settings.tools.mlflow ?? (await findOnPath('mlflow')),
  };
  const own = {
    temporal: settings.temporal.address === null,
    mlflow: settings.mlflow.trackingUri === null,
    endpoint: settings.endpoint.baseUrl === null,
  };
  const folder = settings.baseModels[baseId] ?? null;
  const missing = [
    own.temporal && tools.temporal === null && 'temporal: set UNDERSTUDY_TEMPORAL_BIN, or TEMPORAL_ADDRESS to a server',
    own.mlflow && tools.mlflow === null && 'mlflow: set UNDERSTUDY_MLFLOW_BIN, or MLFLOW_TRACKING_URI to a server',
    own.endpoint && tools.python === null && 'Python with vLLM: set UNDERSTUDY_PYTHON, or OPENAI_BASE_URL to a server',
    own.endpoint &&
      folder === null &&
      `base model ${baseId}: name its folder in UNDERSTUDY_BASE_MODELS (${Object.keys(settings.baseModels).join(', ') || 'none'} known)`,
  ].filter((line) => line !== false);
  if (missing.length > 0)
    throw new CannotRunError(
      `What is not there can't be started:\n${missing.map((line) => `  ${line}`).join('\n')}\n"npm start" sets all of it up by itself.`,
    );
  const url = settings.endpoint.baseUrl ?? `http://${local(ports.vllm)}/v1`;
  const wiring = {
    home: settings.home,
    store: settings.store,
    ports,
    base: { id: baseId, folder },
    temporal: {
      ...temporalPlaceOf({ settings: settings.temporal, address: local(ports.temporal) }),
      own: own.temporal,
      ui: own.temporal ? `http://${local(ports.temporalUi)}` : null,
    },
    mlflow: { uri: settings.mlflow.trackingUri ?? `http://${local(ports.mlflow)}`, own: own.mlflow },
    endpoint: { url, live: live ?? settings.endpoint.liveBaseUrl ?? url, own: own.endpoint },
    gateway: { url: `http://${local(ports.gateway)}` },
    tools,
  };
  return { ...wiring, environment: environmentOf(wiring, moved) };
}

const environmentOf = (
  wiring: Omit<Wiring, 'environment'>,
  moved: Readonly<Record<string, string>>,
): Record<string, string> =>
  childEnvironment({
    UNDERSTUDY_MOVED_ENDPOINTS: JSON.stringify(moved),
    UNDERSTUDY_HOME: wiring.home,
    UNDERSTUDY_STORE: wiring.store,
    UNDERSTUDY_LIVE_BASE_URL: wiring.endpoint.live,
    TEMPORAL_ADDRESS: wiring.temporal.address,
    TEMPORAL_NAMESPACE: wiring.temporal.namespace,
    MLFLOW_TRACKING_URI: wiring.mlflow.uri,
    OPENAI_BASE_URL: wiring.endpoint.url,
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: String(wiring.ports.gateway),
  });
