import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));
const make =
  "const { ensureEnvironment } = await import('./scripts/setup/install.mjs');" +
  "process.stdout.write((await ensureEnvironment({ name: 'hadolint' })).bin);";

/** hadolint, from the PATH or an environment of its own in the cache. Null, with a loud word, where it can't be had. */
export async function findHadolint(): Promise<string | null> {
  const onPath = await execa('which', ['hadolint'], { reject: false });
  if (onPath.exitCode === 0) return onPath.stdout.trim();
  try {
    const { stdout } = await execa('node', ['--input-type=module', '--eval', make], { cwd: root, timeout: 120_000 });
    return join(stdout, 'hadolint');
  } catch (error) {
    process.stderr.write(`NO HADOLINT HERE, images are not linted: ${String(error).split('\n')[0]}\n`);
    return null;
  }
}
