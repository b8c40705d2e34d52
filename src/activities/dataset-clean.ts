import { checkColumns } from '../domain/dataset/column-mapping.js';
import type { SourceRecord } from '../domain/dataset/dead-letter.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import { textRedactor } from '../domain/dataset/private-record.js';
import { createRedactor } from '../domain/dataset/redaction/redactor.js';
import { placeInWindow, type TimeWindow } from '../domain/dataset/time-window.js';
import { cleanInThreads } from './dataset-clean-threads.js';
import type { LineWriter } from './dataset-files.js';
import type { Pulse } from './dataset-input.js';
import type { CleanedLines } from './dataset-item-cleaner.js';
import type { RawItem, SourceItem } from './dataset-source.js';
import { PortError } from './ports.js';

/** What is cleaned between two signs of life. */
const rowsPerList = 500;
const charactersPerList = 2_000_000;
/** What a value that is no text, number or truth counts. */
const longValue = 1000;
const listsForThreads = 10;

/** Most columns of a source. More are names that stand for values, such as an id as the key of each object. */
const mostColumns = 1000;

/** What was read of a source: the rows, and its own column names. */
export interface ReadSource {
  read: number;
  columns: string[];
  /** Rows outside the window of time, which are no part of the run. */
  outside: number;
}

/**
 * Passes on the records of a source, those of the window alone where there is one; a record whose time can't be read
 * is in it, so that it ends as a dead letter.
 * @throws PortError `InvalidInput` for a source without rows or with over 1,000 columns; DataProblem for missing columns.
 */
export async function* recordsOf({
  items,
  plan,
  window,
  name: source,
  found,
}: {
  items: AsyncIterable<SourceItem>;
  plan: DatasetPlan;
  window: TimeWindow | null;
  /** What messages call the source. */
  name: string;
  found: ReadSource;
}): AsyncGenerator<RawItem> {
  const { recipe, sources, data, kept } = plan;
  const needed = [...new Set([data.cluster, ...kept])];
  const columns = new Map<string, string>();
  const withoutPersonalData = textRedactor(createRedactor(data.redaction));
  // Without a header the first row stands for one, and messages and manifest name the columns.
  const see = (names: readonly string[]): void => {
    for (const name of names) {
      if (columns.has(name)) continue;
      if (columns.size === mostColumns) throw tooManyColumns({ name: source, row: found.read + found.outside + 1 });
      columns.set(name, withoutPersonalData([name])[0]!);
    }
  };
  const check = (): void => checkColumns({ found: [...columns.values()], sources, recipe, needed });
  const isOutside = ({ fields }: SourceRecord): boolean =>
    window !== null && placeInWindow({ value: fields[data.source.timeColumn], window }) === 'outside';
  for await (const item of items) {
    if (item.kind === 'columns') {
      see(item.columns);
      check();
      continue;
    }
    if (item.kind === 'record') {
      see(Object.keys(item.record.fields));
      if (isOutside(item.record)) {
        found.outside += 1;
        continue;
      }
    }
    found.read += 1;
    yield item;
  }
  found.columns = [...new Set(columns.values())];
  if (found.read === 0 && window === null)
    throw new PortError('InvalidInput', `${source}: no rows; expected a header and at least one row`);
  if (columns.size === 0 && found.read > 0)
    throw new PortError(
      'InvalidInput',
      `${source}: none of its ${found.read} lines is a JSON object; expected one object a line, as in JSONL. ` +
        'Write a JSON array as lines first',
    );
  if (found.read + found.outside > 0) check();
}

/** Without the names, since names that never come again are values. */
const tooManyColumns = ({ name, row }: { name: string; row: number }): PortError =>
  new PortError(
    'InvalidInput',
    `${name}: row ${row} brings column ${mostColumns + 1}; expected at most ${mostColumns} different names over all rows. ` +
      'Keys that are new in every row are values: write them as the values of one column',
  );

/** Items in lists of a size that a thread works on for a moment, however long their texts are. */
async function* inLists(records: AsyncIterable<RawItem>): AsyncGenerator<RawItem[]> {
  let list: RawItem[] = [];
  let characters = 0;
  for await (const item of records) {
    list.push(item);
    characters += charactersOf(item);
    if (list.length < rowsPerList && characters < charactersPerList) continue;
    yield list;
    list = [];
    characters = 0;
  }
  if (list.length > 0) yield list;
}

function charactersOf(item: RawItem): number {
  if (item.kind === 'unreadable') return JSON.stringify(item.letter.record).length;
  let characters = 0;
  for (const value of Object.values(item.record.fields))
    characters += typeof value === 'string' ? value.length : typeof value === 'object' ? longValue : 8;
  return characters;
}

/** Cleans items on this thread, for what is too little to start others for. */
async function* cleanHere({
  lists,
  plan,
}: {
  lists: AsyncIterable<readonly RawItem[]>;
  plan: DatasetPlan;
}): AsyncGenerator<CleanedLines> {
  // Detectors and tables of languages, which a process that leaves the work to threads never loads.
  const { linesCleaner } = await import('./dataset-item-cleaner.js');
  const clean = linesCleaner(plan);
  for await (const items of lists) yield clean(items);
}

/**
 * Cleans row by row into a temporary file; every row read ends in it as a row or as a dead letter. The rows
 * and their order are the same whoever cleans; several cleaners give more examples, of which the first ones count.
 * @param threads whether a source of over 5,000 rows is cleaned in threads of their own
 */
export async function cleanToSpill({
  records,
  plan,
  writer,
  threads,
  pulse,
}: {
  records: AsyncIterable<RawItem>;
  plan: DatasetPlan;
  writer: LineWriter;
  threads: boolean;
  pulse: Pulse;
}): Promise<void> {
  const lists = inLists(records);
  const first: RawItem[][] = [];
  let isLong = false;
  while (threads && !isLong) {
    const list = await lists.next();
    if (list.done === true) break;
    isLong = first.push(list.value) >= listsForThreads;
  }
  async function* all(): AsyncGenerator<RawItem[]> {
    yield* first.splice(0);
    yield* lists;
  }
  let deadLettered = 0;
  for await (const cleaned of (isLong ? cleanInThreads : cleanHere)({ lists: all(), plan })) {
    for (const line of cleaned.lines) await writer.write(line);
    deadLettered += cleaned.deadLettered;
    if (cleaned.lines.length > 0) pulse({ step: 'reading', read: writer.lines, deadLettered });
  }
}
