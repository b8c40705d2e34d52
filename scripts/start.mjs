import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from './setup/build.mjs';
import { reportFailure } from './setup/failure.mjs';
import { locate, neededParts, toEnvironment } from './setup/locate.mjs';
import { ensurePackages, requireTools } from './setup/packages.mjs';
import { projectRoot } from './setup/paths.mjs';

const sameKeyPressMs = 500;
const parentCheckMs = 1000;
const command = join(projectRoot, 'dist', 'client', 'cli', 'main.js');

/**
 * Runs the command with the located parts, hands signals on to it, and resolves with its exit code. It gets a process
 * group of its own: Ctrl-C reaches this process from the terminal and once more from npm, and the command, where a
 * second one means "at once", shall see it once.
 */
async function runStart({ args, env }) {
  const child = spawn(process.execPath, [command, 'start', ...args], {
    // The command ends when this channel closes, so that a killed `npm start` leaves nothing behind.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env,
    detached: true,
  });
  let lastSignal = 0;
  const forward = (signal) => {
    if (Date.now() - lastSignal >= sameKeyPressMs) child.kill(signal);
    lastSignal = Date.now();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  onParentGone({ env, then: () => forward('SIGTERM') });
  return new Promise((settle, refuse) => {
    child.once('error', refuse);
    child.once('close', (code, signal) => settle(code ?? 128 + constants.signals[signal]));
  });
}

/** An npm that was killed told nobody; it is the parent, since package.json starts this process by `exec`. */
function onParentGone({ env, then }) {
  if (env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, parentCheckMs).unref();
}

/** Options, settings and disk that are not fit are said before anything big is fetched; gives the exit code. */
async function check({ args, env }) {
  const child = spawn(process.execPath, [command, 'start', '--check', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((settle, refuse) => {
    child.once('error', refuse);
    child.once('close', (status) => settle(status ?? 2));
  });
  const wantsHelp = args.some((arg) => arg === '--help' || arg === '-h');
  if (code !== 0 || wantsHelp) process.stdout.write(output);
  return { code, goOn: code === 0 && !wantsHelp };
}

async function main() {
  const args = process.argv.slice(2);
  const env = process.env;
  requireTools({ env });
  await ensurePackages({ env });
  await ensureBuild({ env });
  const checked = await check({ args, env });
  if (!checked.goOn) return checked.code;
  const located = await locate({ only: neededParts({ args, env }), env });
  return runStart({ args, env: { ...env, ...toEnvironment({ located, env }) } });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = reportFailure({ error });
}
