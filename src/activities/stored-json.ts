import type { z } from 'zod';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { parseJson } from '../domain/parse-json.js';
import { PortError, type ArtifactStore } from './ports.js';
import { loadVerified } from './specifications.js';

/**
 * What stands at a key, by its schema; null where nothing does.
 * @throws PortError `InvalidInput` naming the key and the first fields that misfit; no retry mends them.
 */
export async function readJson<T>({
  store,
  key,
  schema,
}: {
  store: Pick<ArtifactStore, 'get'>;
  key: string;
  schema: z.ZodType<T>;
}): Promise<T | null> {
  const stored = await store.get({ key });
  return stored && parsed({ name: key, body: stored.body, schema });
}

/** As `readJson`, of an object that must stand there as it was written; @throws PortError as `loadVerified` too. */
export async function loadJson<T>({
  store,
  ref,
  schema,
}: {
  store: Pick<ArtifactStore, 'get'>;
  ref: ArtifactRef;
  schema: z.ZodType<T>;
}): Promise<T> {
  return parsed({ name: ref.uri, body: await loadVerified({ store, ref }), schema });
}

/** A stored object by its schema; @throws as `readJson`, by `name`. */
export function parsed<T>({ name, body, schema }: { name: string; body: Uint8Array; schema: z.ZodType<T> }): T {
  const found = schema.safeParse(parseJson(Buffer.from(body).toString('utf8')));
  if (found.success) return found.data;
  const issues = found.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new PortError('InvalidInput', `${name} is not as expected: ${issues.join('; ')}; restore the object`);
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

/** The lines of a stored file, each a text only while somebody reads it. */
export interface StoredLines {
  /** Empty ones too, so that their numbers are those of the file. */
  all(): Iterable<string>;
  at(line: number): string;
}

/** @throws PortError as `loadVerified`. */
export async function openLines({
  store,
  ref,
}: {
  store: Pick<ArtifactStore, 'get'>;
  ref: ArtifactRef;
}): Promise<StoredLines> {
  const body = await loadVerified({ store, ref });
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const starts = [0];
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) starts.push(at + 1);
  const at = (line: number): string => bytes.toString('utf8', starts[line], (starts[line + 1] ?? bytes.length + 1) - 1);
  return {
    at,
    *all() {
      for (let line = 0; line < starts.length; line += 1) yield at(line);
    },
  };
}

const chunkCharacters = 1 << 20;

const jsonLine = (row: unknown): string => `${JSON.stringify(row)}\n`;

/** One JSON value a line, encoded chunk by chunk. */
export function jsonLines(rows: Iterable<unknown>): Uint8Array {
  return encoded(
    (function* () {
      for (const row of rows) yield jsonLine(row);
    })(),
  );
}

/** Texts one after the other, in chunks: as one text they would stand in memory twice. */
export function encoded(texts: Iterable<string>): Uint8Array {
  const chunks: Buffer[] = [];
  let text = '';
  for (const one of texts) {
    text += one;
    if (text.length < chunkCharacters) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  return Buffer.concat([...chunks, Buffer.from(text)]);
}
