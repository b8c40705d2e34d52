import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';

export interface VllmServer {
  /** Ends in /v1; stays the same over a restart. */
  endpoint: string;
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}

const readyMilliseconds = 400_000;

/** A real vLLM on CPU with adapters at run time, on a free port; its log lies in `directory`. */
export async function startVllm({
  python,
  base,
  directory,
  contextTokens = 256,
}: {
  python: string;
  base: string;
  directory: string;
  contextTokens?: number;
}): Promise<VllmServer> {
  const port = await getPort({ host: '127.0.0.1' });
  let server = await launch({ python, base, directory, port, contextTokens });
  return {
    endpoint: `http://127.0.0.1:${port}/v1`,
    restart: async () => {
      await end(server);
      server = await launch({ python, base, directory, port, contextTokens });
    },
    stop: () => end(server),
  };
}

const plugin = fileURLToPath(new URL('../../../serving', import.meta.url));

async function launch(input: {
  python: string;
  base: string;
  directory: string;
  port: number;
  contextTokens: number;
}): Promise<ChildProcess> {
  const { python, base, directory, port, contextTokens } = input;
  const log = await open(join(directory, 'vllm.log'), 'a');
  const server = spawn(
    python,
    [
      ...['-m', 'vllm.entrypoints.openai.api_server', '--model', base, '--served-model-name', 'base'],
      ...['--host', '127.0.0.1', '--port', String(port), '--enable-lora', '--max-lora-rank', '16', '--max-loras', '2'],
      ...['--max-model-len', String(contextTokens), '--enforce-eager'],
    ],
    {
      cwd: directory,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: {
        ...process.env,
        HF_HUB_OFFLINE: '1',
        VLLM_NO_USAGE_STATS: '1',
        DO_NOT_TRACK: '1',
        VLLM_ALLOW_RUNTIME_LORA_UPDATING: 'True',
        VLLM_CPU_KVCACHE_SPACE: '1',
        PYTHONPATH: plugin,
      },
    },
  );
  await log.close();
  const killNow = (): void => void signalGroup(server, 'SIGKILL');
  process.once('exit', killNow);
  server.once('exit', () => process.off('exit', killNow));
  try {
    await becomesReady({ server, port, directory });
  } catch (error) {
    await end(server);
    throw error;
  }
  return server;
}

async function becomesReady(input: { server: ChildProcess; port: number; directory: string }): Promise<void> {
  const deadline = Date.now() + readyMilliseconds;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${input.port}/health`).catch(() => null);
    if (answer?.ok) return;
    const ended = input.server.exitCode ?? input.server.signalCode;
    if (ended !== null || Date.now() > deadline) {
      const log = await readFile(join(input.directory, 'vllm.log'), 'utf8');
      throw new Error(`vLLM ${ended === null ? 'is not ready' : `ended with ${ended}`}:\n${log.slice(-3000)}`);
    }
    await pause(250);
  }
}

/** Ends the server with all its processes. */
async function end(server: ChildProcess): Promise<void> {
  const ended = server.exitCode ?? server.signalCode;
  const exited = ended === null ? once(server, 'exit') : Promise.resolve();
  signalGroup(server, 'SIGKILL');
  await exited;
  for (let look = 0; look < 100 && signalGroup(server, 0); look += 1) await pause(50);
}

function signalGroup(server: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-server.pid!, signal);
  } catch {
    return false;
  }
}
