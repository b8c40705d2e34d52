import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './atomic-files.js';
import { nameOfVersion, temporaryFolder, versionOfName } from './keys.js';
import { readHead } from './versions.js';

interface Listed {
  key: string;
  bytes: number;
  modifiedAt: string;
}

/** Every key under a prefix, by code unit; a key that goes away meanwhile is left out. */
export async function* listKeys({ root, prefix }: { root: string; prefix: string }): AsyncGenerator<Listed> {
  const slash = prefix.lastIndexOf('/');
  yield* walk({ root, folder: prefix.slice(0, slash + 1), prefix });
}

async function* walk({
  root,
  folder,
  prefix,
}: {
  root: string;
  folder: string;
  prefix: string;
}): AsyncGenerator<Listed> {
  // A folder sorts with its slash ("a.txt" before "a/b"), as an object store lists keys.
  const names: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(ignoreGone)) {
    const key = `${folder}${entry.name}`;
    if (versionOfName(entry.name) !== null || key === temporaryFolder) continue;
    names.push(key);
    if (entry.isDirectory()) names.push(`${key}/`);
  }
  for (const name of names.sort()) {
    if (!name.startsWith(prefix) && !prefix.startsWith(name)) continue;
    if (name.endsWith('/')) yield* walk({ root, folder: name, prefix });
    else if (name.startsWith(prefix)) {
      const found = await look({ root, key: name });
      if (found) yield found;
    }
  }
}

async function look({ root, key }: { root: string; key: string }): Promise<Listed | null> {
  try {
    let path = join(root, key);
    let found = await stat(path);
    if (found.isDirectory()) {
      const head = await readHead(path);
      if (head.number === 0 || head.removed) return null;
      path = join(path, nameOfVersion(head.number));
      found = await stat(path);
    }
    return { key, bytes: found.size, modifiedAt: found.mtime.toISOString() };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function ignoreGone(error: unknown): [] {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
  throw error;
}
