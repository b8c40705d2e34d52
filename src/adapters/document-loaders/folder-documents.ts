import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import type { ListedDocument, LoadedDocument } from '../../activities/document-source-port.js';
import { PortError } from '../../activities/ports.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { documentEndings, textOfFile } from './load-file.js';

/** Every document file under a folder, by its path from the folder on, with slashes: `policies/prices.md`. */
export async function listFolder({ folder }: { folder: string }): Promise<ListedDocument[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new PortError(
      'NotFound',
      `retrieval.source.uri is "${folder}": expected a folder of documents; ${(error as Error).message}`,
    );
  });
  const named = basename(folder);
  const paths = entries
    .filter((entry) => entry.isFile() && documentEndings.includes(extname(entry.name).toLowerCase()))
    .map((entry) => [named, ...relative(folder, join(entry.parentPath, entry.name)).split(sep)].join('/'))
    .sort();
  const listed: ListedDocument[] = [];
  for (const id of paths) {
    const bytes = await readFile(join(dirname(folder), id)).catch((error: NodeJS.ErrnoException) => error);
    if (bytes instanceof Error) {
      if (bytes.code !== 'ENOENT') listed.push({ id, digest: '' });
    } else listed.push({ id, digest: sha256Hex(bytes) });
  }
  return listed;
}

export async function loadFromFolder({ folder, ids }: { folder: string; ids: readonly string[] }) {
  const loaded: LoadedDocument[] = [];
  for (const id of ids) {
    const bytes = await readFile(join(dirname(folder), id)).catch((error: NodeJS.ErrnoException) => error);
    if (bytes instanceof Error) {
      const why = bytes.code === 'ENOENT' ? 'it is gone since it was listed' : `it can't be read (${bytes.code})`;
      loaded.push({ refused: why, again: true });
      continue;
    }
    const read = await textOfFile({ path: id, bytes });
    loaded.push('refused' in read ? read : { text: read.text, fields: {} });
  }
  return loaded;
}
