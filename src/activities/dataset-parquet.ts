import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { z } from 'zod';
import { type ArtifactRef, refKey } from '../domain/artifact-ref.js';
import type { SourceItem } from './dataset-source.js';
import { digestFile } from './dataset-text.js';
import { type ArtifactStore, PortError } from './ports.js';
import { loadJsonLines } from './stored-json.js';

/** Rows that are held at once. */
const rowsAtOnce = 10_000;

/** What Parquet knows and JSON does not, as the other sources write it. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]));
}

const unreadable = ({ name, where, error }: { name: string; where: string; error: unknown }): PortError =>
  new PortError(
    'InvalidInput',
    `${name}: ${where} can't be read as Parquet (${(error as Error).message}); the file may have been cut off, copy it again`,
    null,
    { cause: error },
  );

/**
 * Rows of a Parquet file, group by group; every codec of the format but LZO.
 * @param name what the messages call it
 * @throws PortError `InvalidInput` for a file that is none or was cut off, naming the row.
 */
export async function* readParquetRows({ path, name }: { path: string; name: string }): AsyncGenerator<SourceItem> {
  const { file, metadata } = await openParquet({ path, name });
  yield { kind: 'columns', columns: metadata.schema.length > 1 ? topColumns(metadata) : [] };
  let row = 0;
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    for (let start = groupStart; start < groupEnd; start += rowsAtOnce) {
      const rowEnd = Math.min(start + rowsAtOnce, groupEnd);
      const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: start, rowEnd }).catch(
        (error: unknown) => {
          throw unreadable({ name, where: `row ${start + 1} to ${rowEnd}`, error });
        },
      );
      for (const fields of rows) {
        row += 1;
        yield { kind: 'record', record: { row, line: row, fields: plainValue(fields) as Record<string, unknown> } };
      }
    }
    groupStart = groupEnd;
  }
}

async function openParquet({ path, name }: { path: string; name: string }) {
  try {
    const file = await asyncBufferFromFile(path);
    return { file, metadata: await parquetMetadataAsync(file) };
  } catch (error) {
    throw unreadable({ name, where: 'the footer', error });
  }
}

/** Names of the columns at the top of the schema, which is stored as a tree in depth-first order. */
function topColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  const skip = (index: number): number => {
    let next = index + 1;
    for (let child = 0; child < (schema[index]?.num_children ?? 0); child += 1) next = skip(next);
    return next;
  };
  for (let index = 1; index < schema.length; index = skip(index)) names.push(schema[index]!.name);
  return names;
}

/**
 * The rows of a published table; a data set of version 0.1 has them as JSON lines.
 * @throws PortError `NotFound` when nothing stands there, `DigestMismatch` when other bytes do.
 */
export async function loadTable<T>({
  store,
  ref,
  schema,
}: {
  store: ArtifactStore;
  ref: ArtifactRef;
  schema: z.ZodType<T>;
}): Promise<T[]> {
  if (!ref.uri.endsWith('.parquet')) return await loadJsonLines({ store, ref, schema });
  const path = await store.localPath({ key: refKey(ref) });
  const { sha256 } = await digestFile({ path });
  if (sha256 !== ref.sha256)
    throw new PortError(
      'DigestMismatch',
      `${ref.uri}: SHA-256 is ${sha256}, expected ${ref.sha256}; restore the object`,
    );
  const rows: T[] = [];
  for await (const item of readParquetRows({ path, name: ref.uri }))
    if (item.kind === 'record') rows.push(schema.parse(item.record.fields));
  return rows;
}
