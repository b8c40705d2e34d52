import { recordCleaner, unreadableCleaner, type CleanResult } from '../domain/dataset/clean-record.js';
import { checkColumns, columnRenamer } from '../domain/dataset/column-mapping.js';
import type { SourceRecord } from '../domain/dataset/dead-letter.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import { textRedactor } from '../domain/dataset/private-record.js';
import { createRedactor } from '../domain/dataset/redaction/redactor.js';
import { spillLine } from '../domain/dataset/spill.js';
import { placeInWindow, type TimeWindow } from '../domain/dataset/time-window.js';
import type { LineWriter } from './dataset-files.js';
import type { Pulse } from './dataset-input.js';
import type { SourceItem } from './dataset-source.js';
import { PortError } from './ports.js';

const rowsBetweenPulses = 500;

/** Most columns of a source. More are names that stand for values, such as an id as the key of each object. */
const mostColumns = 1000;

/** A function that makes a row or a dead letter of what a source yields. */
export function itemCleaner(plan: DatasetPlan): (item: Exclude<SourceItem, { kind: 'columns' }>) => CleanResult {
  const { recipe, data, kept, sources, pseudonyms } = plan;
  const rename = columnRenamer(sources);
  const clean = recordCleaner({ recipe, settings: data, kept, pseudonyms });
  const withoutPersonalData = unreadableCleaner(data.redaction);
  return (item) =>
    item.kind === 'unreadable'
      ? { row: null, letter: withoutPersonalData(item.letter) }
      : clean({ ...item.record, fields: rename(item.record.fields) });
}

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
}): AsyncGenerator<Exclude<SourceItem, { kind: 'columns' }>> {
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
  if (found.read + found.outside > 0) check();
}

/** Without the names, since names that never come again are values. */
const tooManyColumns = ({ name, row }: { name: string; row: number }): PortError =>
  new PortError(
    'InvalidInput',
    `${name}: row ${row} brings column ${mostColumns + 1}; expected at most ${mostColumns} different names over all rows. ` +
      'Keys that are new in every row are values: write them as the values of one column',
  );

/** Cleans row by row into a temporary file; every row read ends in it as a row or as a dead letter. */
export async function cleanToSpill({
  records,
  plan,
  writer,
  pulse,
}: {
  records: AsyncIterable<Exclude<SourceItem, { kind: 'columns' }>>;
  plan: DatasetPlan;
  writer: LineWriter;
  pulse: Pulse;
}): Promise<void> {
  const clean = itemCleaner(plan);
  let deadLettered = 0;
  for await (const item of records) {
    const result = clean(item);
    if (result.letter) deadLettered += 1;
    await writer.write(spillLine(result));
    if (writer.lines % rowsBetweenPulses === 0) pulse({ step: 'reading', read: writer.lines, deadLettered });
  }
}
