import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const projectRoot = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** Where environments, base models and logs live: UNDERSTUDY_CACHE, else XDG_CACHE_HOME/understudy, else ~/.cache/understudy. */
export function cacheRoot({ env }) {
  if (env.UNDERSTUDY_CACHE) return resolve(env.UNDERSTUDY_CACHE);
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'understudy');
  return join(env.HOME || homedir(), '.cache', 'understudy');
}

/** Twelve hex digits over the contents of files (absolute paths) and further strings; the order of both counts. */
export async function digestOf({ files, and = [] }) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${relative(projectRoot, file)}\0`);
    hash.update(await readFile(file));
    hash.update('\0');
  }
  for (const part of and) hash.update(`${part}\0`);
  return hash.digest('hex').slice(0, 12);
}

/**
 * Variables that keep Python's byte code in the cache, also where the user's shell turns it off: the model stack takes
 * some ten seconds longer to load without it, and the project's folder stays clean.
 */
export const byteCode = ({ env }) => ({
  PYTHONDONTWRITEBYTECODE: '',
  PYTHONPYCACHEPREFIX: join(cacheRoot({ env }), 'byte-code'),
});
