import { Readable } from 'node:stream';
import { CsvError, parse as csvParser } from 'csv-parse';
import type { DeadLetter, SourceRecord } from '../domain/dataset/dead-letter.js';
import { PortError } from './ports.js';

/** Longest row in characters; a longer one is a broken quote or no table at all. */
const longestRow = 1_000_000;

/** What a source yields: its columns once known, then rows and what could not be read as a row. */
export type SourceItem =
  | { kind: 'columns'; columns: string[] }
  | { kind: 'record'; record: SourceRecord }
  | { kind: 'unreadable'; letter: DeadLetter };

/** A row, or what could not be read as one. */
export type RawItem = Exclude<SourceItem, { kind: 'columns' }>;

const otherDelimiters = [';', '\t', '|', ':'];

/** Passes text on once its first line is seen to hold commas: another delimiter would fail later, and less clearly. */
async function* withCommas({ chunks, path }: { chunks: AsyncIterable<string>; path: string }): AsyncGenerator<string> {
  let start: string | null = '';
  for await (const chunk of chunks) {
    if (start === null) {
      yield chunk;
      continue;
    }
    start += chunk;
    if (!start.includes('\n') && start.length < longestRow) continue;
    checkFirstLine({ line: start.split('\n', 1)[0]!, path });
    yield start;
    start = null;
  }
  if (start === null || start.trim() === '') return;
  checkFirstLine({ line: start, path });
  yield start;
}

function checkFirstLine({ line: written, path }: { line: string; path: string }): void {
  // A comma inside quotes is part of a name.
  const line = written.replace(/"[^"]*"/g, '');
  if (line.includes(',')) return;
  const likely = otherDelimiters.find((delimiter) => line.includes(delimiter));
  const guess = likely === undefined ? '' : `; it looks separated by ${likely === '\t' ? 'tabs' : `"${likely}"`}`;
  throw new PortError(
    'InvalidInput',
    `${path}: only one column found${guess}. ` +
      'Expected columns separated by commas: export the file again with commas',
  );
}

function checkHeader({ header, path }: { header: string[]; path: string }): void {
  const second = header.findIndex((name, index) => header.indexOf(name) !== index);
  if (second < 0) return;
  // Without a header this is a row, and no message shows what rows hold.
  const first = header.indexOf(header[second]!) + 1;
  const message = `${path}: columns ${first} and ${second + 1} of the header have one name; rename one of them`;
  throw new PortError('InvalidInput', message);
}

/**
 * Rows of a CSV file with a header: quoted and multi-line fields, CRLF or LF. A row with too few or too many fields is
 * `unreadable`, with its fields.
 * @throws PortError `InvalidInput` for a broken quote, naming the line, and for a header that can't be one.
 */
export async function* readCsv({
  chunks,
  path,
}: {
  chunks: AsyncIterable<string>;
  path: string;
}): AsyncGenerator<SourceItem> {
  const source = Readable.from(withCommas({ chunks, path }));
  const parser = csvParser({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
  });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let header: string[] | null = null;
  let row = 0;
  try {
    for await (const item of parser) {
      const { record: values, info } = item as { record: string[]; info: { lines: number } };
      if (header === null) {
        header = values.map((name) => name.trim());
        checkHeader({ header, path });
        yield { kind: 'columns', columns: header };
        continue;
      }
      row += 1;
      const place = { row, line: info.lines };
      if (values.length === header.length) {
        const fields = Object.fromEntries(header.map((name, index) => [name, values[index]]));
        yield { kind: 'record', record: { ...place, fields } };
        continue;
      }
      const detail = `${values.length} fields, expected ${header.length} as in the header`;
      yield { kind: 'unreadable', letter: { ...place, reason: 'unreadable', column: null, detail, record: values } };
    }
  } catch (error) {
    throw csvFailure({ error, path, header });
  } finally {
    source.destroy();
  }
}

const csvProblems: ReadonlyMap<string, string> = new Map([
  ['CSV_INVALID_CLOSING_QUOTE', 'a closing quote is followed by more text'],
  ['INVALID_OPENING_QUOTE', 'a quote stands inside a field that does not begin with one'],
  ['CSV_QUOTE_NOT_CLOSED', 'a quote is never closed'],
]);

/** A name that can be shown: what holds an address or a number as a name is none. */
const plainName = /^\p{L}[\p{L}\d _-]{0,59}$/u;

function csvFailure({
  error,
  path,
  header,
}: {
  error: unknown;
  path: string;
  header: readonly string[] | null;
}): unknown {
  if (!(error instanceof CsvError)) return error;
  // The parser is ahead of the rows that were passed on; its own count holds the header too.
  const found = error as CsvError & { lines?: number; column?: string | number; records?: number };
  const row = Math.max(0, (found.records ?? 1) - 1);
  const column = Number(found.column ?? 0);
  const name = header?.[column] ?? '';
  const named = plainName.test(name) ? ` ${name}` : '';
  const place = `${path}: row ${row + 1} (near line ${found.lines ?? row + 2}, column ${column + 1}${named})`;
  const message =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? `${place} is longer than ${longestRow} characters; a quote before it may never be closed`
      : `${place} can't be read: ${csvProblems.get(error.code) ?? error.code}. Quote fields with " and double a " inside them`;
  // Without the cause: its message and fields hold what stands in the row.
  return new PortError('InvalidInput', message);
}

/**
 * Rows of a JSONL file, one object a line; empty lines are skipped, a line that is no object is `unreadable`.
 * @throws PortError `InvalidInput` for a line of over a million characters.
 */
export async function* readJsonLines({
  chunks,
  path,
}: {
  chunks: AsyncIterable<string>;
  path: string;
}): AsyncGenerator<SourceItem> {
  let row = 0;
  for await (const { text, line } of linesOf({ chunks, path, rows: () => row })) {
    if (text.trim() === '') continue;
    row += 1;
    const parsed = parseObject(text);
    if ('fields' in parsed) {
      yield { kind: 'record', record: { row, line, fields: parsed.fields } };
    } else {
      const detail = `${parsed.problem}; expected one JSON object a line`;
      yield { kind: 'unreadable', letter: { row, line, reason: 'unreadable', column: null, detail, record: text } };
    }
  }
}

function parseObject(text: string): { fields: Record<string, unknown> } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { fields: value as Record<string, unknown> };
    return { problem: `found ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}` };
  } catch (error) {
    // The message quotes the line, cut where half of a personal value may stand.
    return { problem: (error as Error).message.replace(/, (?:\.{3})?".*$/s, '') };
  }
}

async function* linesOf({
  chunks,
  path,
  rows,
}: {
  chunks: AsyncIterable<string>;
  path: string;
  /** How many rows were made of the lines so far. */
  rows: () => number;
}): AsyncGenerator<{ text: string; line: number }> {
  let rest = '';
  let line = 0;
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    for (const text of parts) yield { text, line: (line += 1) };
    if (rest.length > longestRow) {
      const place = `${path}: row ${rows() + 1} (line ${line + 1}) is longer than ${longestRow} characters`;
      throw new PortError('InvalidInput', `${place}; expected one JSON object a line`);
    }
  }
  if (rest !== '') yield { text: rest, line: line + 1 };
}
