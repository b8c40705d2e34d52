import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const cacheRoot = (): string => {
  const { UNDERSTUDY_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  if (own) return resolve(own);
  return shared ? resolve(shared, 'understudy') : join(homedir(), '.cache', 'understudy');
};

/** The Python with PyTorch, as the project's set-up made it. */
export const modelPython = async (): Promise<string> =>
  process.env.UNDERSTUDY_PYTHON ??
  join(await newest({ kind: 'venvs', name: 'model', proof: 'bin/python' }), 'bin/python');

/** What training and serving the small base model takes. */
export async function modelTools(): Promise<{ python: string; script: string; tiny: string }> {
  const { UNDERSTUDY_BASE_MODELS: bases } = process.env;
  const named = bases ? (JSON.parse(bases) as Record<string, string>).tiny : undefined;
  return {
    python: await modelPython(),
    script: fileURLToPath(new URL('../../../training/train.py', import.meta.url)),
    tiny: named ?? (await newest({ kind: 'models', name: 'tiny', proof: 'understudy-base.json' })),
  };
}

/** The newest folder `<name>-*` of the set-up's cache that is complete. */
async function newest({ kind, name, proof }: { kind: string; name: string; proof: string }): Promise<string> {
  const folder = join(cacheRoot(), kind);
  const names = (await readdir(folder).catch(() => [])).filter((one) => one.startsWith(`${name}-`));
  const found = await Promise.all(
    names.map(async (one) => {
      const path = join(folder, one);
      return { path, at: (await stat(join(path, proof)).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const latest = found.filter((one) => one.at > 0).sort((a, b) => b.at - a.at)[0];
  if (latest) return latest.path;
  throw new Error(`no ${folder}/${name}-*/${proof}; run \`npm test\`, which makes it`);
}
