import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/**
 * Compiles the worker's program into `folder` and returns its path. From its sources a worker takes three seconds of a
 * processor to load, and hundreds of them are killed.
 */
export async function buildWorkerProgram({ folder }: { folder: string }): Promise<string> {
  await symlink(pathOf('../../node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await build({
    entryPoints: {
      worker: pathOf('worker/main.ts'),
      // A thread's program lies beside whoever opens it.
      'dataset-clean-thread': pathOf('../../src/activities/dataset-clean-thread.ts'),
    },
    ...{ bundle: true, splitting: true, packages: 'external', outdir: folder },
    ...{ platform: 'node', format: 'esm', target: 'node20', sourcemap: 'inline', logLevel: 'warning' },
  });
  return join(folder, 'worker.js');
}
