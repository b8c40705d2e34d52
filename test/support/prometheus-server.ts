import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import getPort from 'get-port';

const readyMilliseconds = 30_000;
const cacheFolder = (): string =>
  process.env.UNDERSTUDY_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'understudy');

/**
 * A Prometheus of this machine: on the PATH, or Debian's package unpacked into the cache, which needs no rights.
 * Null, with a loud word, where neither can be had.
 */
export async function findPrometheus(): Promise<string | null> {
  const onPath = await execa('which', ['prometheus'], { reject: false });
  if (onPath.exitCode === 0) return onPath.stdout.trim();
  const folder = join(cacheFolder(), 'tools', 'prometheus');
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

/** A Prometheus of its own on a free port that scrapes one target every second. */
export async function startPrometheus({
  command,
  target,
}: {
  command: string;
  /** host:port with /metrics */
  target: string;
}): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const configuration = join(folder, 'prometheus.yml');
  await writeFile(
    configuration,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'gateway', static_configs: [{ targets: [target] }] }],
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
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill();
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  const until = Date.now() + readyMilliseconds;
  while (Date.now() < until && child.exitCode === null) {
    const ready = await fetch(`${address}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return { address, stop };
    await wait(100);
  }
  await stop();
  throw new Error(`prometheus on ${address} does not answer`);
}
