import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import { awaitServer } from './await-server.js';
import { cacheRoot } from './cache.js';

/**
 * A Prometheus of this machine: on the PATH, or Debian's package unpacked into the cache, which needs no rights.
 * Null, with a loud word, where neither can be had.
 */
export async function findPrometheus(): Promise<string | null> {
  const onPath = await execa('which', ['prometheus'], { reject: false });
  if (onPath.exitCode === 0) return onPath.stdout.trim();
  const folder = join(cacheRoot(), 'tools', 'prometheus');
  const command = join(folder, 'usr', 'bin', 'prometheus');
  if (existsSync(command)) return command;
  try {
    await mkdir(join(folder, '..'), { recursive: true });
    const own = await mkdtemp(join(folder, '..', 'prometheus-'));
    await execa('apt-get', ['download', 'prometheus'], { cwd: own, timeout: 120_000 });
    const archive = (await readdir(own)).find((name) => name.endsWith('.deb'));
    await execa('dpkg-deb', ['-x', join(own, archive ?? ''), own]);
    // Whoever is first wins; both have unpacked the same.
    await rename(own, folder).catch(() => rm(own, { recursive: true, force: true }));
    return command;
  } catch (error) {
    process.stderr.write(`NO PROMETHEUS HERE, its tests are skipped: ${String(error).split('\n')[0]}\n`);
    return null;
  }
}

export interface PrometheusServer {
  address: string;
  stop: () => Promise<void>;
}

/** A Prometheus of its own on a free port that scrapes every second what each job shows below a path of the target. */
export async function startPrometheus({
  command,
  target,
  paths = { gateway: '/metrics' },
}: {
  command: string;
  /** host:port */
  target: string;
  paths?: Readonly<Record<string, string>>;
}): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const configuration = join(folder, 'prometheus.yml');
  await writeFile(
    configuration,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: Object.entries(paths).map(([job, path]) => ({
        ...{ job_name: job, metrics_path: path },
        static_configs: [{ targets: [target] }],
      })),
    }),
  );
  const port = await getPort({ host: '127.0.0.1' });
  const address = `http://127.0.0.1:${port}`;
  const child = spawn(
    command,
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const { stop } = await awaitServer({
    name: 'prometheus',
    child,
    endpoint: address,
    probe: '/-/ready',
    accepts: (status) => status === 200,
    afterwards: () => rm(folder, { recursive: true, force: true }),
  });
  return { address, stop };
}
