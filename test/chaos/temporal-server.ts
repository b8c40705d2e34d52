import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import getPort from 'get-port';
import { searchAttributes } from '../../src/contracts/names.js';
import { findCommand } from '../support/temporal.js';

const readyMilliseconds = 60_000;

export interface TemporalServer {
  readonly address: string;
  /** Of the server's process; another one after a restart. */
  readonly pid: number;
  /** Kills it without warning and starts it again over the same database, at once or later; resolves once it answers. */
  restart(options?: { awayMilliseconds?: number }): Promise<void>;
  stop(): Promise<void>;
}

async function untilAnswers(address: string): Promise<void> {
  const deadline = Date.now() + readyMilliseconds;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return await connection.close();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The dev server in a process of its own, over a database file in `folder`. */
export async function startTemporalServer({ folder }: { folder: string }): Promise<TemporalServer> {
  const command = await findCommand({ environment: 'temporal', command: 'temporal' });
  const port = await getPort();
  const address = `127.0.0.1:${port}`;
  const start = (): ChildProcess =>
    spawn(
      command,
      [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--headless', '--log-level', 'never'],
        ...['--db-filename', join(folder, 'temporal.db'), '--output', 'none'],
        ...Object.values(searchAttributes).flatMap((key) => ['--search-attribute', `${key.name}=Keyword`]),
      ],
      // In a group of its own: Ctrl-C is for the run alone.
      { stdio: 'ignore', detached: true },
    );
  let server = start();
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  await untilAnswers(address);
  return {
    address,
    get pid() {
      return server.pid!;
    },
    restart: async ({ awayMilliseconds = 0 } = {}) => {
      await kill();
      await new Promise((resolve) => setTimeout(resolve, awayMilliseconds));
      server = start();
      await untilAnswers(address);
    },
    stop: kill,
  };
}
