import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import getPort from 'get-port';
import { request } from 'undici';
import { findGoTool } from './go-tool.js';

const readyMilliseconds = 30_000;

export const s3Credentials = { accessKeyId: 'understudy-test', secretAccessKey: 'understudy-test-secret' };

/** The gateway's command, built once; null, with a loud word, where it can't be. */
export const findVersitygw = (): Promise<string | null> =>
  findGoTool({ module: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0', command: 'versitygw' });

export interface S3Server {
  endpoint: string;
  stop: () => Promise<void>;
}

/** An S3 server of its own on a free port, in a folder that goes away with it. */
export async function startVersitygw({ command }: { command: string }): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'versitygw-'));
  const [data, versions] = [join(folder, 'data'), join(folder, 'versions')];
  await Promise.all([mkdir(data), mkdir(versions)]);
  const port = await getPort({ host: '127.0.0.1' });
  const { accessKeyId, secretAccessKey } = s3Credentials;
  const place = ['--port', `127.0.0.1:${port}`, '--access', accessKeyId, '--secret', secretAccessKey, '--quiet'];
  const child = spawn(command, [...place, 'posix', '--versioning-dir', versions, data], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  const until = Date.now() + readyMilliseconds;
  for (;;) {
    const answered = await request(endpoint).then(
      async ({ body }) => {
        await body.dump();
        return true;
      },
      () => false,
    );
    if (answered) return { endpoint, stop };
    if (Date.now() > until || child.exitCode !== null) {
      await stop();
      throw new Error(`versitygw on ${endpoint} does not answer`);
    }
    await wait(100);
  }
}
