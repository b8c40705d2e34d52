import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface MlflowServer {
  /** The server's address, e.g. `http://127.0.0.1:41234`. */
  uri: string;
  /** The leader of the server's process group. */
  pid: number;
  /** Stops the server and every process it started, and returns when all are gone. Safe to call twice. */
  stop: () => Promise<void>;
}

const readyWithinMs = 90_000;
const gracefulStopMs = 15_000;

function cacheRoot(): string {
  const { UNDERSTUDY_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  if (own) return resolve(own);
  return shared ? resolve(shared, 'understudy') : join(homedir(), '.cache', 'understudy');
}

/**
 * The `mlflow` command: MLFLOW_EXECUTABLE, else the newest environment that the project's set-up made.
 * @throws Error saying how to get one
 */
export async function findMlflow(): Promise<string> {
  const named = process.env.MLFLOW_EXECUTABLE;
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return resolve(named);
    throw new Error(`MLFLOW_EXECUTABLE is ${named}, which does not exist; expected the path of an mlflow command.`);
  }
  const environments = join(cacheRoot(), 'venvs');
  const names = (await readdir(environments).catch(() => [])).filter((name) => name.startsWith('mlflow-'));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(environments, name, 'bin', 'mlflow');
      return { path, at: (await stat(path).catch(() => undefined))?.mtimeMs };
    }),
  );
  const newest = found.filter(({ at }) => at !== undefined).sort((a, b) => (b.at ?? 0) - (a.at ?? 0))[0];
  if (newest !== undefined) return newest.path;
  throw new Error(
    `No MLflow server to test against: neither MLFLOW_EXECUTABLE nor ${environments}/mlflow-*/bin/mlflow is there. ` +
      "Run the project's set-up (npm start or npm test at its root), or set MLFLOW_EXECUTABLE to an mlflow 3 command.",
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function groupEnds(pid: number, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (signalGroup(pid, 0)) {
    if (Date.now() > until) return false;
    await sleep(20);
  }
  return true;
}

function launch(input: {
  executable: string;
  directory: string;
  port: number;
  environment: Readonly<Record<string, string>>;
}): ChildProcess {
  const { executable, directory, port, environment } = input;
  const log = openSync(join(directory, 'mlflow.log'), 'a');
  const store = ['--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`];
  const artifacts = ['--artifacts-destination', join(directory, 'artifacts')];
  const listen = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  const child = spawn(executable, ['server', ...store, ...artifacts, ...listen], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      ...environment,
    },
  });
  closeSync(log);
  return child;
}

async function becomesReady(child: ChildProcess, uri: string, directory: string): Promise<void> {
  const until = Date.now() + readyWithinMs;
  for (;;) {
    const ended = child.exitCode ?? child.signalCode;
    const late = Date.now() > until;
    if (ended !== null || late) {
      const log = await readFile(join(directory, 'mlflow.log'), 'utf8').catch(() => '');
      const why = late ? `was not ready within ${readyWithinMs} ms` : `ended with ${ended}`;
      throw new Error(`The MLflow server ${why}. The end of its log:\n${log.slice(-2000)}`);
    }
    const answer = await fetch(`${uri}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
}

/** For a server that posts webhooks to this machine, and to one that was made just now. */
export const webhooksToThisMachine = {
  MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http,https',
  MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
  MLFLOW_WEBHOOK_CACHE_TTL: '0',
} as const;

/**
 * Starts a real MLflow server on 127.0.0.1 and a free port, with its SQLite file, artifacts and log in `directory`
 * (made when missing; an earlier server's data there are kept). Returns when it answers.
 * @throws Error with the end of the server's log when it does not come up
 */
export async function startMlflow(input: {
  directory: string;
  /** Beside what this process has. */
  environment?: Readonly<Record<string, string>>;
}): Promise<MlflowServer> {
  const directory = resolve(input.directory);
  const executable = await findMlflow();
  await mkdir(join(directory, 'artifacts'), { recursive: true });
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const child = launch({ executable, directory, port, environment: input.environment ?? {} });
  await new Promise<void>((done, fail) => child.once('spawn', done).once('error', fail));
  const pid = child.pid ?? Number.NaN;
  const killNow = () => void signalGroup(pid, 'SIGKILL');
  process.once('exit', killNow);
  const stop = async () => {
    signalGroup(pid, 'SIGTERM');
    if (!(await groupEnds(pid, gracefulStopMs))) {
      signalGroup(pid, 'SIGKILL');
      await groupEnds(pid, gracefulStopMs);
    }
    process.off('exit', killNow);
  };
  try {
    await becomesReady(child, uri, directory);
  } catch (error) {
    await stop();
    throw error;
  }
  return { uri, pid, stop };
}
