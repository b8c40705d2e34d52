import { recordCleaner, unreadableCleaner, type CleanResult } from '../domain/dataset/clean-record.js';
import { columnRenamer } from '../domain/dataset/column-mapping.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import { spillLine } from '../domain/dataset/spill.js';
import type { RawItem } from './dataset-source.js';

/** Cleaned rows and dead letters as lines of a temporary file, in the order of the items. */
export interface CleanedLines {
  lines: string[];
  deadLettered: number;
}

/** A function that makes a row or a dead letter of what a source yields. */
function itemCleaner(plan: DatasetPlan): (item: RawItem) => CleanResult {
  const { recipe, data, kept, sources, pseudonyms } = plan;
  const rename = columnRenamer(sources);
  const clean = recordCleaner({ recipe, settings: data, kept, pseudonyms });
  const withoutPersonalData = unreadableCleaner(data.redaction);
  return (item) =>
    item.kind === 'unreadable'
      ? { row: null, letter: withoutPersonalData(item.letter) }
      : clean({ ...item.record, fields: rename(item.record.fields) });
}

/** A function that cleans item after item; every one of them ends as one line. */
export function linesCleaner(plan: DatasetPlan): (items: readonly RawItem[]) => CleanedLines {
  const clean = itemCleaner(plan);
  return (items) => {
    const results = items.map(clean);
    return { lines: results.map(spillLine), deadLettered: results.filter(({ letter }) => letter !== null).length };
  };
}
