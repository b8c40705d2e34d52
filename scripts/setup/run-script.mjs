import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { locate, toEnvironment } from './locate.mjs';
import { ensurePackages, requireTools } from './packages.mjs';
import { projectRoot } from './paths.mjs';

/** Runs a TypeScript file of the project with Temporal's binaries located; resolves with its exit code. */
export async function runScript({ file, args, env = process.env }) {
  requireTools({ env });
  await ensurePackages({ env });
  const located = await locate({ only: ['temporal'], env });
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: projectRoot,
    env: { ...env, ...toEnvironment({ located, env }) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((settle, refuse) => {
    child.once('error', refuse);
    child.once('close', (code, signal) => settle(code ?? 128 + constants.signals[signal]));
  });
}
