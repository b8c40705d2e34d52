import { chmod, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface World {
  cache: string;
  /** The only folder on the PATH, besides sh and what a fake needs. */
  bin: string;
  /** What the fakes were called with, one line a call. */
  calls: string;
  env: Record<string, string>;
}

/** A machine with an empty cache and nothing on the PATH but a shell's own tools. */
export async function emptyWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-setup-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const tool of ['sh', 'mkdir', 'cat', 'cp', 'sleep', 'dirname'])
    await symlink(await which(tool), join(bin, tool));
  const cache = join(folder, 'cache');
  return { cache, bin, calls: join(folder, 'calls'), env: { PATH: bin, UNDERSTUDY_CACHE: cache, HOME: folder } };
}

const which = async (tool: string): Promise<string> => (await execa('which', [tool])).stdout;

/** Puts a shell script on the world's PATH. */
export async function fake({ world, name, script }: { world: World; name: string; script: string }): Promise<void> {
  const file = join(world.bin, name);
  await writeFile(file, `#!/bin/sh\necho "${name} $*" >> '${world.calls}'\n${script}\n`);
  await chmod(file, 0o755);
}

export const fakePython = (world: World, version: string) =>
  fake({ world, name: 'python3', script: `echo "${version.replace('.', ' ')} CPython"` });

/** A uv that makes environments out of empty files; `install` is what it does on \`pip install\`. */
export const fakeUv = (world: World, install = ':') =>
  fake({
    world,
    name: 'uv',
    script: `case "$1 $2" in
"--version ") echo "uv 0.13.8" ;;
venv*) for last in "$@"; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
"pip compile") exit 2 ;;
"pip install") ${install}
  for word in "$@"; do case "$word" in */bin/python) target=$(dirname "$word") ;; esac; done
  for name in temporal temporal-test-server mlflow; do echo > "$target/$name"; done ;;
esac`,
  });

/** Runs the set-up in a process of its own. */
export const runSetup = (world: World, args: string[]) =>
  execa(process.execPath, [join(root, 'scripts', 'setup', 'main.mjs'), ...args], {
    env: world.env,
    extendEnv: false,
    reject: false,
  });

/** Runs an exported function of a script with JSON-able input in a process of its own; its result as JSON. */
export const callScript = (world: World, script: string, name: string, input: string) =>
  execa(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { ${name} } = await import(${JSON.stringify(new URL(`../../scripts/setup/${script}`, import.meta.url).href)});
      try { console.log(JSON.stringify(await ${name}(${input}))); }
      catch (error) { console.error(error.message); process.exitCode = error.exitCode ?? 1; }`,
    ],
    { env: world.env, extendEnv: false, reject: false },
  );
