import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { cacheRoot, digestOf, projectRoot } from './paths.mjs';
import { findOnPath, runCommand } from './process.mjs';
import { findPython } from './python.mjs';

const minimum = [0, 8];
const pinned = join(projectRoot, 'requirements', 'uv.txt');

/**
 * The path of uv: the one on the PATH when it is 0.8 or newer, else our own in the cache, made by `python -m venv`
 * and pip with a pinned hash. Throws SetupFailure when neither can be had.
 */
export async function ensureUv({ env, report }) {
  const onPath = findOnPath({ name: 'uv', env });
  if (onPath !== null && (await isRecent({ uv: onPath, env }))) return onPath;
  const cache = cacheRoot({ env });
  const home = join(cache, 'tools', `uv-${await digestOf({ files: [pinned] })}`);
  const uv = join(home, 'bin', 'uv');
  if (existsSync(uv)) return uv;
  const python = await findPython({ env, range: { from: [3, 10], below: null } });
  return withLock({
    file: join(cache, 'locks', 'uv.lock'),
    work: async () => {
      if (existsSync(uv)) return uv;
      report('  uv: getting the installer of Python packages (20 MB)\n');
      await bootstrap({ python: python.path, home, cache, env });
      return uv;
    },
  });
}

async function isRecent({ uv, env }) {
  const { code, output } = await runCommand({ command: uv, args: ['--version'], env, timeoutMs: 20_000 });
  const match = /(\d+)\.(\d+)\.\d+/.exec(output);
  if (code !== 0 || match === null) return false;
  return Number(match[1]) > minimum[0] || Number(match[2]) >= minimum[1];
}

async function bootstrap({ python, home, cache, env }) {
  const partial = `${home}.partial`;
  const log = join(cache, 'logs', 'uv.log');
  await rm(partial, { recursive: true, force: true });
  const made = await runCommand({ command: python, args: ['-m', 'venv', partial], env, log });
  if (made.code !== 0) {
    throw new SetupFailure(
      `Python at ${python} can't make a virtual environment (see ${log}). On Debian and Ubuntu: apt install python3-venv. ` +
        `Or install uv 0.8 or newer yourself (https://docs.astral.sh/uv) so that it is on the PATH.`,
    );
  }
  const args = ['-m', 'pip', 'install', '--disable-pip-version-check', '--require-hashes', '--no-deps', '-r', pinned];
  const got = await runCommand({ command: join(partial, 'bin', 'python'), args, env, log });
  if (got.code !== 0) throw new SetupFailure(explainInstall({ title: 'uv', output: got.output, log }));
  await rm(home, { recursive: true, force: true });
  await rename(partial, home);
}

const offline =
  /error sending request|dns error|failed to lookup|Temporary failure|Connection refused|Network is unreachable|NameResolutionError|ConnectTimeout|Could not connect|Could not find a version/i;

/** The message for a failed installation: no network, a full disk, a wrong hash, or the last lines of what was said. */
export function explainInstall({ title, output, log }) {
  const all = `The full output is in ${log}.`;
  if (/No space left on device|os error 28/i.test(output)) {
    return `The disk ran full while installing ${title}: free some, or choose another disk with UNDERSTUDY_CACHE=/path. ${all}`;
  }
  if (/hash mismatch|do not match the hashes/i.test(output)) {
    return `A package of ${title} does not have the hash that the lock file pins, so it was not installed: check the package index or proxy in use. ${all}`;
  }
  if (offline.test(output)) {
    return `The package index could not be reached while installing ${title}: check the network, the proxy (HTTPS_PROXY) or the index that pip and uv are set to, and start again; what was fetched is kept. ${all}`;
  }
  return `Installing ${title} failed: ${output.trim().split('\n').slice(-3).join(' ')} ${all}`;
}
