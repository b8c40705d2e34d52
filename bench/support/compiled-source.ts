import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of `src` as JavaScript, compiled anew: servers are measured as they are shipped, not through a loader. */
export async function compiledSource(): Promise<string> {
  const folder = join(root, 'node_modules/.cache/understudy-bench');
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--incremental', 'false', '--tsBuildInfoFile', 'null'];
  await execa('npx', ['tsc', ...options, '--sourceMap', 'false', '--outDir', folder], { cwd: root });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
  return folder;
}
