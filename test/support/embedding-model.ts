import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder of MiniLM that the project's set-up made. Throws, saying how to get one. */
export async function embeddingModelFolder(): Promise<string> {
  const { UNDERSTUDY_EMBEDDING_MODEL: named, UNDERSTUDY_CACHE: cache, XDG_CACHE_HOME: shared } = process.env;
  if (named) return named;
  const root = cache
    ? resolve(cache)
    : shared
      ? resolve(shared, 'understudy')
      : join(homedir(), '.cache', 'understudy');
  const names = await readdir(join(root, 'models')).catch(() => []);
  const found = names.find((name) => name.startsWith('minilm-l6-v2-int8-'));
  if (found) return join(root, 'models', found);
  throw new Error(`no embedding model under ${root}/models; run \`npm test\`, which sets it up`);
}
