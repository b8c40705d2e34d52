import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Runs `work` while this process alone holds the lock file. Waits while the owner lives (`onWait` is told once); a
 * lock whose owner on this host is gone is taken over. The file appears with its content at once (link), so a reader
 * never sees half of it; a take-over checks that it moved away the very lock that it judged dead.
 */
export async function withLock({ file, onWait, work }) {
  await mkdir(dirname(file), { recursive: true });
  const token = randomUUID();
  const own = `${file}.${token}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, host: hostname(), token }));
  try {
    let told = false;
    while (!(await take({ own, file }))) {
      const owner = await readOwner({ file });
      if (owner === null) continue;
      if (isGone(owner)) {
        await removeStale({ file, owner, aside: `${own}.stale` });
        continue;
      }
      if (!told) onWait?.(owner);
      told = true;
      await wait(200);
    }
    try {
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function take({ own, file }) {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner({ file }) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function isGone(owner) {
  if (owner.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

async function removeStale({ file, owner, aside }) {
  try {
    await rename(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const moved = await readOwner({ file: aside });
  if (moved !== null && moved.token !== owner.token) await take({ own: aside, file });
  await rm(aside, { force: true });
}
