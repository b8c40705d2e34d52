import type { z } from 'zod';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { ArtifactStore } from './ports.js';
import { loadVerified } from './specifications.js';

export async function loadJson<T>({
  store,
  ref,
  schema,
}: {
  store: ArtifactStore;
  ref: ArtifactRef;
  schema: z.ZodType<T>;
}): Promise<T> {
  return schema.parse(JSON.parse(Buffer.from(await loadVerified({ store, ref })).toString('utf8')));
}

export async function loadJsonLines<T>({
  store,
  ref,
  schema,
}: {
  store: ArtifactStore;
  ref: ArtifactRef;
  schema: z.ZodType<T>;
}): Promise<T[]> {
  const rows: T[] = [];
  for (const line of linesOf(await loadVerified({ store, ref }))) rows.push(schema.parse(JSON.parse(line)));
  return rows;
}

const newline = 10;

/** The lines that hold something, one at a time: a large file never stands in memory as text too. */
export function* linesOf(body: Uint8Array): Generator<string> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start);
    const end = found === -1 ? bytes.length : found;
    if (end > start) yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
}

const chunkCharacters = 1 << 20;

/** One JSON value a line, encoded chunk by chunk. */
export function jsonLines(rows: Iterable<unknown>): Uint8Array {
  const chunks: Buffer[] = [];
  let text = '';
  for (const row of rows) {
    text += `${JSON.stringify(row)}\n`;
    if (text.length < chunkCharacters) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  return Buffer.concat([...chunks, Buffer.from(text)]);
}
