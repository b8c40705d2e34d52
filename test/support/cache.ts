import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the project's set-up keeps environments, base models and tools, outside the project. */
export function cacheRoot(): string {
  const { UNDERSTUDY_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  if (own) return resolve(own);
  return shared ? resolve(shared, 'understudy') : join(homedir(), '.cache', 'understudy');
}

/** `proof` of the newest folder `<kind>/<name>-*` of the cache that has it. Throws, saying how to get one. */
export async function newestInCache({
  kind,
  name,
  proof,
}: {
  kind: 'venvs' | 'models';
  name: string;
  proof: string;
}): Promise<string> {
  const folder = join(cacheRoot(), kind);
  const names = (await readdir(folder).catch(() => [])).filter((one) => one.startsWith(`${name}-`));
  const found = await Promise.all(
    names.map(async (one) => {
      const path = join(folder, one, proof);
      return { path, at: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const newest = found.filter(({ at }) => at > 0).sort((a, b) => b.at - a.at)[0];
  if (newest) return newest.path;
  throw new Error(`no ${folder}/${name}-*/${proof}; run \`npm test\`, which makes it`);
}
