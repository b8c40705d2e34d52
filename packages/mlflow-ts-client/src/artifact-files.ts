import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MlflowArgumentError } from './errors.js';
import { uploadFrom } from './streams.js';
import type { Upload } from './transport/http.js';

/** Opens the file only when the first piece is wanted, so that a call that never gets that far leaves nothing open. */
async function* read(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
}

/** An upload that opens the file anew for every attempt. */
export async function fileUpload(file: string): Promise<Upload> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new MlflowArgumentError(
      `The file ${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    );
  });
  if (!found.isFile()) throw new MlflowArgumentError(`${file} is not a file; use uploadDirectory for a directory.`);
  return uploadFrom({ open: () => read(file), length: found.size });
}

/** Every file below a directory, in a fixed order, with its path written with slashes. */
export async function filesBelow(directory: string): Promise<{ file: string; path: string }[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new MlflowArgumentError(
      `The directory ${directory} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    );
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { file, path: relative(directory, file).split(sep).join('/') };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes a stream into a file by way of a neighbour that takes the file's name only when complete. */
export async function downloadToFile(input: {
  body: ReadableStream<Uint8Array>;
  file: string;
}): Promise<{ bytes: number }> {
  await mkdir(dirname(input.file), { recursive: true });
  const part = `${input.file}.${randomUUID()}.part`;
  try {
    await pipeline(Readable.from(input.body), createWriteStream(part, { flags: 'wx' }));
    const { size } = await stat(part);
    await rename(part, input.file);
    return { bytes: size };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
