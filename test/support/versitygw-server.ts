import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { awaitServer, type StartedServer } from './await-server.js';
import { findGoTool } from './go-tool.js';

export const s3Credentials = { accessKeyId: 'understudy-test', secretAccessKey: 'understudy-test-secret' };

/** The gateway's command, built once; null, with a loud word, where it can't be. */
export const findVersitygw = (): Promise<string | null> =>
  findGoTool({ module: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0', command: 'versitygw' });

/** An S3 server of its own on a free port, in a folder that goes away with it. */
export async function startVersitygw({ command }: { command: string }): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'versitygw-'));
  const [data, versions] = [join(folder, 'data'), join(folder, 'versions')];
  await Promise.all([mkdir(data), mkdir(versions)]);
  const port = await getPort({ host: '127.0.0.1' });
  const { accessKeyId, secretAccessKey } = s3Credentials;
  const place = ['--port', `127.0.0.1:${port}`, '--access', accessKeyId, '--secret', secretAccessKey, '--quiet'];
  const child = spawn(command, [...place, 'posix', '--versioning-dir', versions, data], { stdio: 'ignore' });
  return await awaitServer({
    name: 'versitygw',
    child,
    endpoint: `http://127.0.0.1:${port}`,
    afterwards: () => rm(folder, { recursive: true, force: true }),
  });
}
