import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupFailure, reportFailure } from './setup/failure.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runScript } from './setup/run-script.mjs';

/** Runs bench/<name>.ts, which prints JSON lines on stdout; its exit code is 1 where a target was missed. */
async function runBench({ name, args }) {
  const names = (await readdir(join(projectRoot, 'bench')))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
  if (!names.includes(name))
    throw new SetupFailure(`no benchmark "${name ?? ''}"; usage: npm run bench -- <${names.join(' | ')}>`);
  return runScript({ file: join(projectRoot, 'bench', `${name}.ts`), args });
}

try {
  const [name, ...args] = process.argv.slice(2);
  process.exitCode = await runBench({ name, args });
} catch (error) {
  process.exitCode = reportFailure({ error });
}
