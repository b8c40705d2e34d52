import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import getPort from 'get-port';
import { request } from 'undici';
import { findCommand } from './temporal.js';

const readyMilliseconds = 30_000;

/** A moto server of its own on a free port: S3 as its tests know it. */
export async function startMoto(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const command = await findCommand({ environment: 's3', command: 'moto_server' });
  const port = await getPort({ host: '127.0.0.1' });
  const child = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  };
  const until = Date.now() + readyMilliseconds;
  for (;;) {
    const answered = await request(`${endpoint}/moto-api/`).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode < 500;
      },
      () => false,
    );
    if (answered) return { endpoint, stop };
    if (Date.now() > until) {
      await stop();
      throw new Error(`moto on ${endpoint} does not answer`);
    }
    await wait(100);
  }
}
