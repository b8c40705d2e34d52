import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { Client } from 'pg';

export interface PostgresServer {
  uri: string;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const run = promisify(execFile);
const places = '/usr/lib/postgresql';

/** Where the programs of a server lie: Debian's own folder, or the one that `pg_config` names; null for none. */
async function findPrograms(): Promise<string | null> {
  const versions = (await readdir(places).catch(() => [])).sort((one, other) => Number(other) - Number(one));
  const named = await run('pg_config', ['--bindir']).catch(() => ({ stdout: '' }));
  for (const folder of [...versions.map((version) => join(places, version, 'bin')), named.stdout.trim()])
    if (folder !== '' && (await stat(join(folder, 'initdb')).catch(() => null))) return folder;
  return null;
}

/** PostgreSQL refuses to run as root: then as the first of these users that there is. */
async function whoRuns(): Promise<{ uid?: number; gid?: number } | null> {
  if (process.getuid?.() !== 0) return {};
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => users.find((one) => one[0] === name) ?? []);
  return found.length === 0 ? null : { uid: Number(found[2]), gid: Number(found[3]) };
}

/** A real PostgreSQL of its own in a folder of its own, with logical replication; null where none is installed. */
export async function startPostgres(): Promise<PostgresServer | null> {
  const [programs, who] = await Promise.all([findPrograms(), whoRuns()]);
  if (programs === null || who === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  if (who.uid !== undefined) await chown(folder, who.uid, who.gid!);
  const data = join(folder, 'data');
  const common = { ...who, cwd: folder, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' } };
  await run(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '-N'], common);
  const port = await getPort({ host: '127.0.0.1' });
  const settings = { wal_level: 'logical', fsync: 'off', listen_addresses: '127.0.0.1', port: String(port) };
  const options = Object.entries({ ...settings, unix_socket_directories: folder });
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...common, stdio: 'ignore' },
  );
  const ended = once(server, 'exit');
  const uri = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
  const client = await connected({ uri, ended });
  return {
    uri,
    query: async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, values)).rows,
    close: async () => {
      await client.end().catch(() => undefined);
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connected({ uri, ended }: { uri: string; ended: Promise<unknown> }): Promise<Client> {
  const end = Date.now() + 30_000;
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const client = new Client({ connectionString: uri });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (over || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
