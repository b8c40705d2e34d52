import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { cacheRoot, digestOf, projectRoot } from './paths.mjs';
import { runCommand } from './process.mjs';
import { startProgress } from './progress.mjs';

const record = join('dist', '.understudy-build');
const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/**
 * Compiles the packages and src into dist, and copies what is no TypeScript beside it, unless the digest of all
 * sources is the one of the last build. Returns true when it built. Throws SetupFailure with the compiler's words.
 */
export async function ensureBuild({ env, root = projectRoot }) {
  const sources = await listFiles({ folder: join(root, 'src') });
  const library = join(root, 'packages', 'mlflow-ts-client');
  const others = [
    ...(await listFiles({ folder: join(library, 'src') })),
    join(library, 'tsconfig.json'),
    join(root, 'scripts', 'bundle-workflows.mjs'),
  ];
  const digest = await digestOf({ files: [...sources, ...others, ...settings.map((file) => join(root, file))] });
  const isBuilt = async () =>
    existsSync(join(root, record)) &&
    existsSync(join(library, 'dist')) &&
    (await readFile(join(root, record), 'utf8')) === digest;
  if (await isBuilt()) return false;
  return withLock({
    file: join(cacheRoot({ env }), 'locks', `build-${await digestOf({ files: [], and: [root] })}.lock`),
    work: async () => {
      if (await isBuilt()) return false;
      const progress = startProgress({ title: 'build', expectedSeconds: 20 });
      await rm(join(root, record), { force: true });
      try {
        await compile({ env, root, args: ['run', '--silent', 'build', '-w', 'mlflow-ts-client'], command: 'npm' });
        const compiler = join('node_modules', 'typescript', 'bin', 'tsc');
        await compile({ env, root, args: [compiler, '-p', 'tsconfig.build.json'], command: process.execPath });
        await copyAssets({ root, sources });
        await compile({ env, root, args: [join('scripts', 'bundle-workflows.mjs')], command: process.execPath });
      } catch (error) {
        progress.fail();
        throw error;
      }
      await writeFile(join(root, `${record}.new`), digest);
      await rename(join(root, `${record}.new`), join(root, record));
      progress.done('ready');
      return true;
    },
  });
}

async function compile({ env, root, command, args }) {
  const { code, output } = await runCommand({ command, args, cwd: root, env });
  if (code !== 0) throw new SetupFailure(`The build failed (${command} ${args.join(' ')}):\n${output.trim()}`);
}

async function copyAssets({ root, sources }) {
  for (const source of sources.filter((file) => !file.endsWith('.ts'))) {
    const target = join(root, 'dist', relative(join(root, 'src'), source));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target);
  }
}

async function listFiles({ folder }) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
