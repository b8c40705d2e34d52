import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../domain/release/evidence.js';

const namePattern = /^understudy-data-([0-9a-f]{8})-(\d+)-(\d+)-/;
const dayMilliseconds = 86_400_000;

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** What tells this boot of this machine, and this container on it, from all others. */
async function placeOf(): Promise<string> {
  const boot = await textOf('/proc/sys/kernel/random/boot_id');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return sha256Hex(`${boot.trim()} ${namespace}`).slice(0, 8);
}

/** When a process began, in ticks since the boot, as field 22 of its `stat` says; null where there is none. */
async function startOf(pid: string): Promise<string | null> {
  const stat = await textOf(`/proc/${pid}/stat`);
  // The name of a process may hold spaces and brackets, so fields are counted from behind it.
  return stat === '' ? null : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null);
}

/** When a folder or a file right in it changed last, in milliseconds. */
async function changedAt(folder: string): Promise<number> {
  const files = (await readdir(folder)).map((file) => join(folder, file));
  const times = await Promise.all([folder, ...files].map(async (path) => (await lstat(path)).mtimeMs));
  return Math.max(...times);
}

/**
 * Removes folders whose process is gone, since what it was cleaning lies there as it was read. A process that was killed
 * with SIGKILL could not do it. Whether a process of another boot, machine or container lives can't be asked: its folder
 * goes once nothing in it has changed for a day.
 */
async function sweep(): Promise<void> {
  const here = await placeOf();
  for (const name of await readdir(tmpdir())) {
    const match = namePattern.exec(name);
    if (match === null) continue;
    const [, place, pid, start] = match as unknown as [string, string, string, string];
    const folder = join(tmpdir(), name);
    try {
      if ((await lstat(folder)).uid !== process.getuid?.()) continue;
      const isGone =
        place === here ? (await startOf(pid)) !== start : (await changedAt(folder)) < Date.now() - dayMilliseconds;
      if (isGone) await rm(folder, { recursive: true, force: true });
    } catch {
      // Another build sweeps too, and was first.
    }
  }
}

/**
 * Runs `work` with a folder of its own in TMPDIR, which goes away however `work` ends. Where the process is killed before
 * that, the next call removes it: the name says which process of which boot it belongs to.
 */
export async function withScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  await sweep();
  const owner = [await placeOf(), process.pid, (await startOf(String(process.pid))) ?? 0].join('-');
  const folder = await mkdtemp(join(tmpdir(), `understudy-data-${owner}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
