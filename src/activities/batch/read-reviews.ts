import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { columnRenamer, recipeColumn } from '../../domain/dataset/column-mapping.js';
import { type CleanResult, recordCleaner } from '../../domain/dataset/clean-record.js';
import { type DatasetPlan, planDataset } from '../../domain/dataset/plan.js';
import type { Pseudonyms } from '../../domain/dataset/pseudonyms.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import type { BatchSpec } from '../../domain/spec/batch-spec.js';
import type { ModelSpec } from '../../domain/spec/model-spec.js';
import { openRecords } from '../dataset-build.js';
import { createLineWriter, readLines } from '../dataset-files.js';
import type { Pulse } from '../dataset-input.js';
import type { RawItem } from '../dataset-source.js';
import type { Ports } from '../ports.js';

/** Items are gathered part by part, so that one part of a source is in memory at a time. */
const parts = 32;
const rowsBetweenPulses = 1000;

/** The reviews of one item, as they were read. */
export interface RawReviews {
  item: string;
  /** One JSON text a review, the same for the same row. */
  rows: string[];
  /** What most of them name as their domain; null where none does. */
  domain: string | null;
}

export interface ReadReviews {
  items: AsyncIterable<RawReviews>;
  /** Rows that could not be read, or name no item; complete once the items have been read. */
  unreadable: () => number;
  /** What is left of the rows of an item: cleaned reviews with their row numbers. */
  clean: (rows: readonly string[]) => Promise<CleanResult[]>;
}

/** Settings of the reviews: those of the model's data, with the batch's own source and recipe. */
export const reviewsPlan = ({
  spec,
  batch,
  pseudonyms,
}: {
  spec: ModelSpec;
  batch: BatchSpec;
  pseudonyms: Pseudonyms;
}): DatasetPlan =>
  planDataset({
    data: { ...spec.data, recipe: 'reviews', source: batch.source, cluster: null, validation: [] },
    pseudonyms,
  });

/**
 * Reads all reviews of a source and gathers them by item, in a folder.
 * @throws PortError and DataProblem as `openRecords`
 */
export async function readReviews({
  plan,
  batch,
  folder,
  ...context
}: Pick<Ports, 'sources' | 'store'> & {
  plan: DatasetPlan;
  batch: BatchSpec;
  folder: string;
  pulse: Pulse;
}): Promise<ReadReviews> {
  const domainColumn = batch.domain && recipeColumn({ sources: plan.sources, column: batch.domain.column });
  const known = plan.recipe.columns;
  const kept = domainColumn !== null && !known.includes(domainColumn) ? [...plan.kept, domainColumn] : plan.kept;
  const rename = columnRenamer(plan.sources);
  const clean = recordCleaner({ recipe: plan.recipe, settings: plan.data, kept, pseudonyms: plan.pseudonyms });
  const { records } = await openRecords({ plan: { ...plan, kept }, window: null, folder, ...context });
  const files = Array.from({ length: parts }, (_, part) => join(folder, `part-${part}.jsonl`));
  const writers = files.map((path) => createLineWriter({ path }));
  let unreadable = 0;
  let read = 0;
  for await (const raw of records) {
    const item = itemOf(raw);
    read += 1;
    if (read % rowsBetweenPulses === 0) context.pulse({ step: 'reading', read });
    if (item === null || raw.kind === 'unreadable') {
      unreadable += 1;
      continue;
    }
    const part = Number.parseInt(sha256Hex(item).slice(0, 4), 16) % parts;
    await writers[part]!.write(JSON.stringify([item, raw.record.row, raw.record.fields]));
  }
  for (const writer of writers) await writer.close();

  function itemOf(raw: RawItem): string | null {
    if (raw.kind === 'unreadable') return null;
    const named = rename(raw.record.fields)['product_id'];
    const item = typeof named === 'string' || typeof named === 'number' ? String(named).trim() : '';
    return item === '' ? null : item;
  }

  const domainOf = (rows: readonly string[]): string | null => {
    if (domainColumn === null) return null;
    const counts = new Map<string, number>();
    for (const row of rows) {
      const value = rename(parseRow(row).fields)[domainColumn];
      if (typeof value === 'string' && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const ranked = [...counts].sort(([one, few], [other, many]) => many - few || (one < other ? -1 : 1));
    return ranked[0]?.[0] ?? null;
  };

  return {
    unreadable: () => unreadable,
    clean: async (rows) => {
      const results: CleanResult[] = [];
      for (const [index, line] of rows.entries()) {
        const { row, fields } = parseRow(line);
        results.push(clean({ row, line: row, fields: rename(fields) }));
        if (index % rowsBetweenPulses !== rowsBetweenPulses - 1) continue;
        context.pulse({ step: 'cleaning', rows: index + 1 });
        // An item with very many reviews may not keep this process from saying that it lives.
        await nextTurn();
      }
      return results;
    },
    items: (async function* () {
      for (const path of files) {
        const gathered = new Map<string, string[]>();
        for await (const line of readLines(path)) {
          const [item] = JSON.parse(line) as [string];
          const rows = gathered.get(item);
          if (rows) rows.push(line);
          else gathered.set(item, [line]);
        }
        for (const [item, rows] of gathered) yield { item, rows, domain: domainOf(rows) };
      }
    })(),
  };
}

function parseRow(line: string): { row: number; fields: Record<string, unknown> } {
  const [, row, fields] = JSON.parse(line) as [string, number, Record<string, unknown>];
  return { row, fields };
}

/** What a row says, whatever its place in the file: a row that moves is not a new review. */
export const rowContent = (line: string): string => JSON.stringify(parseRow(line).fields);
