import {
  type AsyncBuffer,
  asyncBufferFromFile,
  cachedAsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type RowGroup,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { z } from 'zod';
import { type ArtifactRef, refKey } from '../domain/artifact-ref.js';
import type { SourceItem } from './dataset-source.js';
import { cannotOpen, digestFile } from './dataset-text.js';
import { type ArtifactStore, PortError } from './ports.js';
import { loadJsonLines } from './stored-json.js';

/** Rows that are held at once, fewer where they are long. */
const rowsAtOnce = 10_000;
const bytesAtOnce = 32 * 1024 ** 2;

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

/** Columns of a row group that are read. */
const readOf = ({ group, columns }: { group: RowGroup; columns: readonly string[] }): RowGroup['columns'] =>
  group.columns.filter(({ meta_data: described }) => columns.includes(described?.path_in_schema[0] ?? ''));

/** How many rows of a group are read at once. */
function windowOf({ group, columns }: { group: RowGroup; columns: readonly string[] }): number {
  const sizes = readOf({ group, columns }).map(({ meta_data: described }) => described?.total_uncompressed_size ?? 0n);
  const bytes = sizes.reduce((sum, size) => sum + Number(size), 0);
  return Math.max(1, Math.min(rowsAtOnce, Math.floor((bytesAtOnce * Number(group.num_rows)) / Math.max(1, bytes))));
}

/**
 * The file as a group is read from it. Without an index of its pages a column of the group can only be read as a whole:
 * then its bytes, compressed as they are, are kept until the group's last row instead of being read for every window.
 */
const fileFor = ({ file, ...of }: { file: AsyncBuffer; group: RowGroup; columns: readonly string[] }): AsyncBuffer =>
  readOf(of).every(({ offset_index_length: length }) => length) ? file : cachedAsyncBuffer(file);

/**
 * Rows of a Parquet file, window by window; every codec of the format but LZO.
 * @param name what the messages call it
 * @param only the columns whose values are read; null for all
 * @throws PortError `InvalidInput` for a file that is none or was cut off, naming the row.
 */
export async function* readParquetRows({
  path,
  name,
  only,
}: {
  path: string;
  name: string;
  only: readonly string[] | null;
}): AsyncGenerator<SourceItem> {
  const { file, metadata } = await openParquet({ path, name });
  const found = topColumns(metadata);
  yield { kind: 'columns', columns: found };
  const columns = found.filter((column) => only?.includes(column) ?? true);
  let row = 0;
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const rowsRead = windowOf({ group, columns });
    const from = { file: fileFor({ file, group, columns }), metadata, compressors, columns, useOffsetIndex: true };
    for (let start = groupStart; start < groupEnd; start += rowsRead) {
      const rowEnd = Math.min(start + rowsRead, groupEnd);
      const rows = await parquetReadObjects({ ...from, rowStart: start, rowEnd }).catch((error: unknown) => {
        throw unreadable({ name, where: `row ${start + 1} to ${rowEnd}`, error });
      });
      for (const fields of rows) {
        row += 1;
        yield { kind: 'record', record: { row, line: row, fields: plainValue(fields) as Record<string, unknown> } };
      }
    }
    groupStart = groupEnd;
  }
}

async function openParquet({ path, name }: { path: string; name: string }) {
  const file = await asyncBufferFromFile(path).catch((error: unknown) => {
    throw cannotOpen({ path, error });
  });
  if (file.byteLength === 0) throw new PortError('InvalidInput', `${name}: it is empty; expected a Parquet file`);
  try {
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
  for await (const item of readParquetRows({ path, name: ref.uri, only: null }))
    if (item.kind === 'record') rows.push(schema.parse(item.record.fields));
  return rows;
}
