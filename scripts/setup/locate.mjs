import { join } from 'node:path';
import { ensureEmbeddingModel } from './embedding.mjs';
import { environments } from './environments.mjs';
import { ensureEnvironment } from './install.mjs';
import { baseModels, ensureBaseModel } from './models.mjs';
import { byteCode } from './paths.mjs';
import { findOnPath, runCommand } from './process.mjs';

/** What `--only` takes; `python` needs `model` or, for those who bring an endpoint of their own, `training`. */
export const parts = ['temporal', 'mlflow', 'embedding', 'model', ...Object.keys(baseModels)];

/** What the tests need besides. */
export const testParts = ['s3', 'qdrant'];

const oldestServer = [1, 30];

/**
 * Makes sure that the named parts are there and says where: {temporal, temporalTestServer, mlflow,
 * embedding, python, models: {<base id>: folder}}; null for what was not asked for. With OPENAI_BASE_URL nothing is served here, so the model
 * environment comes without vLLM and on any machine. Throws SetupFailure.
 */
export async function locate({ only = parts, env = process.env }) {
  const wanted = new Set(only);
  const located = {
    temporal: null,
    temporalTestServer: null,
    mlflow: null,
    embedding: null,
    python: null,
    models: {},
  };
  if (wanted.has('temporal')) {
    const { bin } = await ensureEnvironment({ name: 'temporal', env });
    located.temporal = (await recentTemporal({ env })) ?? join(bin, 'temporal');
    located.temporalTestServer = join(bin, environments.temporal.binaries[1]);
  }
  if (wanted.has('mlflow')) located.mlflow = join((await ensureEnvironment({ name: 'mlflow', env })).bin, 'mlflow');
  if (wanted.has('embedding')) located.embedding = await ensureEmbeddingModel({ env });
  for (const name of testParts) if (wanted.has(name)) await ensureEnvironment({ name, env });
  const bases = Object.keys(baseModels).filter((name) => wanted.has(name));
  if (wanted.has('model') || bases.length > 0) {
    const { bin } = await ensureEnvironment({ name: env.OPENAI_BASE_URL ? 'training' : 'model', env });
    located.python = join(bin, 'python');
  }
  for (const name of bases) {
    const { id, directory } = await ensureBaseModel({ name, python: located.python, env });
    located.models[id] = directory;
  }
  return located;
}

/** The `temporal` command on the PATH when its server is not older than the one that the project is tested with. */
async function recentTemporal({ env }) {
  const path = findOnPath({ name: 'temporal', env });
  if (path === null) return null;
  const { code, output } = await runCommand({ command: path, args: ['--version'], env, timeoutMs: 20_000 });
  const match = /Server (\d+)\.(\d+)/.exec(output);
  if (code !== 0 || match === null) return null;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > oldestServer[0] || (major === oldestServer[0] && minor >= oldestServer[1]) ? path : null;
}

/** The parts that this start needs: what is configured to be elsewhere is not set up here. */
export function neededParts({ args, env }) {
  const base = args.includes('--base') ? args[args.indexOf('--base') + 1] : 'smollm2';
  const tiny = base === 'tiny' || args.includes('--base=tiny');
  return [
    ...(env.TEMPORAL_ADDRESS ? [] : ['temporal']),
    ...(env.MLFLOW_TRACKING_URI ? [] : ['mlflow']),
    ...(env.UNDERSTUDY_EMBEDDING_MODEL || env.UNDERSTUDY_EMBEDDER ? [] : ['embedding']),
    'model',
    tiny ? 'tiny' : 'smollm2',
  ];
}

/** The environment variables by which the command and the tests learn where the parts are. */
export function toEnvironment({ located, env }) {
  const named = {
    ...byteCode({ env }),
    UNDERSTUDY_TEMPORAL_BIN: located.temporal,
    UNDERSTUDY_TEMPORAL_TEST_SERVER_BIN: located.temporalTestServer,
    UNDERSTUDY_MLFLOW_BIN: located.mlflow,
    UNDERSTUDY_EMBEDDING_MODEL: located.embedding,
    UNDERSTUDY_PYTHON: located.python,
    UNDERSTUDY_BASE_MODELS: Object.keys(located.models).length > 0 ? JSON.stringify(located.models) : null,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== null));
}
