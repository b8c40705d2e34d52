import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { SetupFailure, reportFailure } from './setup/failure.mjs';
import { locate, toEnvironment } from './setup/locate.mjs';
import { ensurePackages, requireTools } from './setup/packages.mjs';
import { projectRoot } from './setup/paths.mjs';

/** Runs bench/<name>.ts, which prints JSON lines on stdout; its exit code is 1 where a target was missed. */
async function runBench({ name, args, env = process.env }) {
  const names = (await readdir(join(projectRoot, 'bench')))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
  if (!names.includes(name))
    throw new SetupFailure(`no benchmark "${name ?? ''}"; usage: npm run bench -- <${names.join(' | ')}>`);
  requireTools({ env });
  await ensurePackages({ env });
  const located = await locate({ only: ['temporal'], env });
  const file = join(projectRoot, 'bench', `${name}.ts`);
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

try {
  const [name, ...args] = process.argv.slice(2);
  process.exitCode = await runBench({ name, args });
} catch (error) {
  process.exitCode = reportFailure({ error });
}
