import { execFile } from 'node:child_process';
import { access, constants, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from '../../config/settings.js';
import { neededDiskBytes } from '../start/checks.js';
import { rememberedPorts } from '../start/ports.js';
import { checkStore, isBucket, openStore } from '../../adapters/open-store.js';
import { requireKeys } from '../../adapters/payload-codec/remember-keys.js';
import { findOnPath } from '../start/wiring.js';
import { errorMessage } from './command-context.js';

/** One thing looked at. `mend` says what to do where it is not ok. */
export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'failed';
  found: string;
  mend: string;
}

const askMilliseconds = 5000;
const oldestNode = [20, 3] as const;
const oldestPython = [3, 10] as const;

const atLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [found = 0, foundMinor = 0] = version.split('.').map(Number);
  return found > major || (found === major && foundMinor >= minor);
};

/** `ok` with what was found, or the rejection as `state`. */
export async function look(
  name: string,
  mend: string,
  check: () => Promise<string>,
  state: 'warning' | 'failed' = 'failed',
): Promise<Check> {
  try {
    return { name, state: 'ok', found: await check(), mend: '' };
  } catch (error) {
    return { name, state, found: errorMessage(error), mend };
  }
}

async function ask(url: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(askMilliseconds) }).catch((error: Error) => {
    throw new Error(`${url} does not answer (${error.cause instanceof Error ? error.cause.message : error.message})`);
  });
  return { status: response.status, body: await response.text() };
}

async function askOk(url: string, init: RequestInit = {}): Promise<string> {
  const { status, body } = await ask(url, init);
  if (status >= 200 && status < 300) return body;
  throw new Error(`${url} answered ${status}`);
}

/** This machine: Node, Python, disk, home and store. */
export function machineChecks(settings: Settings): Promise<Check>[] {
  const { home, store } = settings;
  const writable = async (folder: string): Promise<string> => {
    await mkdir(folder, { recursive: true });
    const probe = join(folder, `.doctor-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
    return folder;
  };
  const writableStore = async (location: string): Promise<string> => {
    if (!isBucket(location)) return writable(location);
    const key = `.doctor/${process.pid}`;
    const opened = openStore({ location });
    await checkStore(opened);
    await opened.put({ key, body: Buffer.from('') });
    await opened.remove({ key });
    return location;
  };
  return [
    look('Node', `Install Node ${oldestNode.join('.')} or newer.`, () =>
      atLeast(process.versions.node, oldestNode)
        ? Promise.resolve(process.versions.node)
        : Promise.reject(new Error(process.versions.node)),
    ),
    look('Python', `Install Python ${oldestPython.join('.')} or newer, or name it in UNDERSTUDY_PYTHON.`, async () => {
      const python = settings.tools.python ?? (await findOnPath('python3'));
      if (python === null) throw new Error('no python3 on the PATH');
      await access(python, constants.X_OK);
      const { stdout } = await promisify(execFile)(python, ['--version'], { timeout: askMilliseconds });
      const version = stdout.trim().replace('Python ', '');
      if (!atLeast(version, oldestPython)) throw new Error(`${version} at ${python}`);
      return `${version} at ${python}`;
    }),
    look('home', 'Mend its rights, or name another folder in UNDERSTUDY_HOME.', () => writable(home)),
    look('disk', 'Free some, or name a folder on another disk in UNDERSTUDY_HOME.', async () => {
      await mkdir(home, { recursive: true });
      const { bavail, bsize } = await statfs(home);
      const free = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GB free`;
      if (bavail * bsize < neededDiskBytes)
        throw new Error(`${free}, ${(neededDiskBytes / 1024 ** 3).toFixed(1)} GB needed`);
      return free;
    }),
    look('store', 'Mend its rights, or name another place in UNDERSTUDY_STORE.', () => writableStore(store)),
  ];
}

/** MLflow, the inference endpoint and the gateway. */
export async function serverChecks(settings: Settings): Promise<Check[]> {
  const ports = await rememberedPorts({ home: settings.home });
  const endpoint = settings.endpoint.baseUrl ?? `http://127.0.0.1:${ports.vllm}/v1`;
  const key = settings.endpoint.apiKey?.reveal();
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const run = 'Run "npm start", or set';
  return Promise.all([
    look('MLflow', `${run} MLFLOW_TRACKING_URI.`, async () => {
      const uri = settings.mlflow.trackingUri ?? `http://127.0.0.1:${ports.mlflow}`;
      await askOk(`${uri}/health`);
      return `${uri}, version ${(await askOk(`${uri}/version`)).trim()}`;
    }),
    look('endpoint', `${run} OPENAI_BASE_URL (and OPENAI_API_KEY).`, async () => {
      const { data } = JSON.parse(await askOk(`${endpoint}/models`, { headers })) as { data: { id: string }[] };
      return `${endpoint}, serves ${data.map((model) => model.id).join(', ') || 'nothing'}`;
    }),
    look(
      'adapters at run time',
      'Start vLLM with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True.',
      async () => {
        const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' };
        const { status } = await ask(`${endpoint}/load_lora_adapter`, init);
        // An empty order is refused by a server that takes such orders at all.
        if (status === 400 || status === 422) return 'can be loaded';
        throw new Error(`${endpoint}/load_lora_adapter answered ${status}`);
      },
    ),
    look('payload keys', 'Set UNDERSTUDY_PAYLOAD_KEYS as the workers have it.', async () => {
      const { payloadKeys } = settings.temporal;
      await requireKeys({ store: openStore({ location: settings.store }), keys: payloadKeys });
      return payloadKeys.length === 0 ? 'none: payloads are not encrypted' : payloadKeys.map(({ id }) => id).join(', ');
    }),
    look(
      'gateway',
      'Run "npm start".',
      async () => {
        const gateway = `http://127.0.0.1:${ports.gateway}`;
        await askOk(`${gateway}/healthz`);
        return gateway;
      },
      'warning',
    ),
  ]);
}
