import { spawn } from 'node:child_process';
import getPort from 'get-port';
import { awaitServer, type StartedServer } from './await-server.js';
import { findCommand } from './temporal.js';

/** A moto server of its own on a free port: S3 as its tests know it. */
export async function startMoto(): Promise<StartedServer> {
  const command = await findCommand({ environment: 's3', command: 'moto_server' });
  const port = await getPort({ host: '127.0.0.1' });
  const child = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  return await awaitServer({ name: 'moto', child, endpoint, probe: '/moto-api/', accepts: (status) => status < 500 });
}
