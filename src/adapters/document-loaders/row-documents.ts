import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';
import type { ListedDocument, LoadedDocument } from '../../activities/document-source-port.js';
import { PortError } from '../../activities/ports.js';
import { digestOf } from '../../domain/release/evidence.js';
import type { FieldKind, FieldValue } from '../../domain/retrieval/chunk.js';
import type { DocumentSourceSpec } from '../../domain/spec/retrieval-spec.js';

type Row = Record<string, unknown>;

/** The rows of a CSV or JSON Lines file, one at a time. */
async function* rowsOf({ kind, uri }: DocumentSourceSpec): AsyncGenerator<Row> {
  await access(uri).catch((error: Error) => {
    throw new PortError('NotFound', `retrieval.source.uri is "${uri}": expected a readable file; ${error.message}`);
  });
  if (kind === 'csv') {
    const options = { columns: true, bom: true, skip_empty_lines: true, relax_column_count: true };
    yield* createReadStream(uri).pipe(parse(options)) as AsyncIterable<Row>;
    return;
  }
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(uri), crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === '') continue;
    try {
      yield JSON.parse(text) as Row;
    } catch (error) {
      throw new PortError('InvalidInput', `${uri}, line ${line}: expected a JSON object; ${(error as Error).message}`);
    }
  }
}

const idOf = (row: Row, column: string): string | null => {
  const value = row[column];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
};

/** One document a row; the last one of an id counts. */
export async function listRows({ source }: { source: DocumentSourceSpec }): Promise<ListedDocument[]> {
  const digests = new Map<string, string>();
  let rows = 0;
  for await (const row of rowsOf(source)) {
    rows += 1;
    const id = idOf(row, source.columns.id);
    if (id === null)
      throw new PortError(
        'InvalidInput',
        `${source.uri}, row ${rows}: no ${source.columns.id}; name the column in retrieval.source.columns.id`,
      );
    digests.set(id, digestOf(row));
  }
  return [...digests].map(([id, digest]) => ({ id, digest })).sort((one, other) => (one.id < other.id ? -1 : 1));
}

export async function loadRows(input: {
  source: DocumentSourceSpec;
  ids: readonly string[];
  fields: Readonly<Record<string, FieldKind>>;
}): Promise<LoadedDocument[]> {
  const { source, ids, fields } = input;
  const wanted = new Set(ids);
  const found = new Map<string, Row>();
  for await (const row of rowsOf(source)) {
    const id = idOf(row, source.columns.id);
    if (id !== null && wanted.has(id)) found.set(id, row);
  }
  return ids.map((id) => documentOf({ row: found.get(id), source, fields }));
}

/** A row as a document with its typed fields, or why it is none. */
export function documentOf(input: {
  row: Row | undefined;
  source: DocumentSourceSpec;
  fields: Readonly<Record<string, FieldKind>>;
}): LoadedDocument {
  const { row, source, fields } = input;
  if (!row) return { refused: 'it is gone since it was listed', again: true };
  const text = row[source.columns.text];
  if (typeof text !== 'string' || text.trim() === '') return { refused: `its ${source.columns.text} holds no text` };
  const typed: Record<string, FieldValue> = {};
  for (const [field, kind] of Object.entries(fields)) {
    const value = row[field];
    if (value === undefined || value === null || value === '') continue;
    const read = fieldValue({ value, kind });
    if (read === null) return { refused: `its ${field} is ${JSON.stringify(value)}: expected a ${kind}` };
    typed[field] = read;
  }
  return { text, fields: typed };
}

function fieldValue({ value, kind }: { value: unknown; kind: FieldKind }): FieldValue | null {
  if (kind === 'keyword') return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  if (kind === 'number') {
    const number = typeof value === 'string' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : null;
  }
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}
