import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { cacheRoot, digestOf, projectRoot } from './paths.mjs';
import { findOnPath, runCommand } from './process.mjs';
import { startProgress } from './progress.mjs';

const oldestNode = [20, 3];

/** Throws SetupFailure unless this Node is 20.3 or newer and git is on the PATH. */
export function requireTools({ env, nodeVersion = process.versions.node }) {
  const [major, minor] = nodeVersion.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new SetupFailure(
      `Node.js is too old: found ${nodeVersion}, 20.3 or newer is needed. Install it from https://nodejs.org or with your version manager, e.g. "nvm install 20".`,
    );
  }
  if (findOnPath({ name: 'git', env }) === null) {
    throw new SetupFailure('git was not found on the PATH. Install it, e.g. "apt install git", and start again.');
  }
}

/**
 * Runs `npm ci` unless node_modules already holds what the lock file names, as npm's own record in it says. Returns
 * true when it installed. Install scripts stay off (.npmrc); nothing here needs one.
 */
export async function ensurePackages({ env, root = projectRoot }) {
  if (await matchesLock({ root })) return false;
  return withLock({
    file: join(cacheRoot({ env }), 'locks', `packages-${await digestOf({ files: [], and: [root] })}.lock`),
    onWait: ({ pid }) => process.stderr.write(`  npm packages: process ${pid} is installing them, waiting\n`),
    work: async () => {
      if (await matchesLock({ root })) return false;
      await install({ env, root });
      return true;
    },
  });
}

async function install({ env, root }) {
  const log = join(cacheRoot({ env }), 'logs', 'npm.log');
  const progress = startProgress({ title: 'npm packages', expectedSeconds: 20 });
  const { code, output } = await runCommand({ command: 'npm', args: ['ci', '--no-progress'], cwd: root, env, log });
  if (code === 0) return progress.done('ready');
  progress.fail();
  throw new SetupFailure(`npm ci failed: ${whyNot(output)}. The full output is in ${log}.`);
}

function whyNot(output) {
  if (/E(AI_AGAIN|NOTFOUND|CONNREFUSED|TIMEDOUT)/.test(output))
    return 'the package registry could not be reached: check the network or the proxy';
  if (/ENOSPC/.test(output)) return 'the disk ran full: free some (0.5 GB) and start again';
  return output.trim().split('\n').slice(-3).join(' ');
}

async function matchesLock({ root }) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(await readFile(record, 'utf8')).packages;
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.optional && !entry.devOptional && !entry.link)
    .every(
      ([path, entry]) => installed[path]?.version === entry.version && installed[path]?.integrity === entry.integrity,
    );
}
