import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findCommand } from '../temporal.js';

export interface QdrantServer {
  url: string;
  stop: () => Promise<void>;
}

/** Qdrant's own engine behind our REST front (front.py), on a free port or the one named. */
export async function startQdrant({
  apiKey,
  port = 0,
}: { apiKey?: string; port?: number } = {}): Promise<QdrantServer> {
  const python = await findCommand({ environment: 'qdrant', command: 'python' });
  const folder = await mkdtemp(join(tmpdir(), 'qdrant-'));
  const front = fileURLToPath(new URL('front.py', import.meta.url));
  const child = spawn(python, [front, String(port), folder, ...(apiKey ? [apiKey] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    once(child, 'exit').then(([code]) => {
      throw new Error(`the Qdrant front ended with ${String(code)}`);
    }),
  ]);
  const { listening } = JSON.parse(first[0]) as { listening: number };
  return {
    url: `http://127.0.0.1:${listening}`,
    stop: async () => {
      const ended = child.exitCode === null ? once(child, 'exit') : null;
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
