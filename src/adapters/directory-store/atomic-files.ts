import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortError } from '../../activities/ports.js';

/** A file that nobody sees yet, with its bytes safely on the disk. */
export interface HiddenFile {
  path: string;
  sha256: string;
  bytes: number;
}

const abandonedAfterMilliseconds = 24 * 60 * 60 * 1000;

/** The code of a file system error; null for any other value. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** Turns a file system error into a `PortError`; leaves a `PortError` as it is. */
export function fileError({ error, what }: { error: unknown; what: string }): PortError {
  if (error instanceof PortError) return error;
  const code = codeOf(error);
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  const cause = { cause: error };
  if (code === 'ENOENT') return new PortError('NotFound', message, null, cause);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new PortError('Unauthorised', message, null, cause);
  if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST' || code === 'ENAMETOOLONG')
    return new PortError('InvalidInput', message, null, cause);
  if (code === 'ENOSPC')
    return new PortError('Unavailable', `${message}; the disk is full: make room, then it goes on`, null, cause);
  return new PortError('Unavailable', message, null, cause);
}

/** Makes a folder's entries survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder and the ones above it, each entry safely on the disk. */
export async function ensureFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

/** Writes the chunks into a new hidden file of `folder`, synced, with the digest made on the way. */
export async function writeHidden({
  folder,
  chunks,
}: {
  folder: string;
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}): Promise<HiddenFile> {
  await ensureFolder(folder);
  const path = join(folder, randomUUID());
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await file.writeFile(chunk);
    }
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return { path, sha256: hash.digest('hex'), bytes };
}

/** A file's bytes; opened when first asked for, so that an error reaches whoever reads. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

/** Digest and length of a file, streaming. */
export async function digestFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of readChunks(path)) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Removes hidden files that a killed process left a day ago or longer. `now` in milliseconds since 1970. */
export async function sweepHidden({ folder, now }: { folder: string; now: number }): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && now - found.mtimeMs > abandonedAfterMilliseconds) await rm(path, { force: true });
  }
}
