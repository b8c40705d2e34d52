import { z } from 'zod';
import type { DataRow, Scalar } from '../data-row.js';
import { createDistinctCount } from './distinct-count.js';
import { createValueHistogram, distributionSchema } from './value-histogram.js';

const mostValues = 1000;
const longestValue = 64;
const time = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

const count = z.number().int().min(0);

export const columnProfileSchema = z.object({
  column: z.string().min(1),
  nulls: count,
  distinct: count.describe('different values; estimated to 1.6 % where there are over 1,000'),
  smallest: z
    .string()
    .nullable()
    .describe('first value in the order of characters, of times and of what repeats; else null'),
  largest: z.string().nullable(),
  values: z
    .array(z.object({ value: z.string(), rows: count }))
    .nullable()
    .describe('all values, the most frequent first; null where they do not repeat or are long'),
  numbers: distributionSchema.nullable().describe('of a column that holds nothing but numbers'),
  lengths: distributionSchema.nullable().describe('characters of texts'),
});
export type ColumnProfile = z.infer<typeof columnProfileSchema>;

/** What the columns of a data set hold, without a single long text. */
export const datasetProfileSchema = z.object({ rows: count, columns: z.array(columnProfileSchema) });
export type DatasetProfile = z.infer<typeof datasetProfileSchema>;

interface ColumnWatch {
  see: (value: Scalar) => void;
  finish: () => ColumnProfile;
}

/** Counts every value while there are few and short ones; ids and texts end it. */
function createValueCounts() {
  let counts: Map<string, number> | null = new Map();
  return {
    see: (value: string): void => {
      if (counts === null) return;
      counts.set(value, (counts.get(value) ?? 0) + 1);
      if (counts.size > mostValues) counts = null;
    },
    finish: (): Map<string, number> | null => counts,
  };
}

const byRows = (one: { value: string; rows: number }, other: { value: string; rows: number }): number =>
  other.rows - one.rows || (one.value < other.value ? -1 : 1);

function watchColumn({ column, isShown }: { column: string; isShown: boolean }): ColumnWatch {
  const counts = createValueCounts();
  const distinct = createDistinctCount();
  const numbers = createValueHistogram();
  const lengths = createValueHistogram();
  let [rows, nulls, notNumbers, longTexts, notTimes] = [0, 0, 0, 0, 0];
  let smallest: string | null = null;
  let largest: string | null = null;

  function seeText(value: string): void {
    lengths.see(value.length);
    if (value.length > longestValue) longTexts += 1;
    if (longTexts > 0) return;
    if (!time.test(value)) notTimes += 1;
    if (smallest === null || value < smallest) smallest = value;
    if (largest === null || value > largest) largest = value;
  }

  return {
    see: (value) => {
      if (value === null) {
        nulls += 1;
        return;
      }
      rows += 1;
      const written = String(value);
      counts.see(written);
      distinct.see(written);
      if (typeof value === 'number') numbers.see(value);
      else notNumbers += 1;
      if (typeof value === 'string') seeText(value);
    },
    finish: () => {
      const counted = counts.finish();
      const repeats = isShown && counted !== null && longTexts === 0 && rows >= 2 * counted.size;
      // Values that name a row or a person apart belong into no profile, also not the first and the last one.
      const showsExtremes = repeats || (isShown && longTexts === 0 && notTimes === 0);
      return {
        column,
        nulls,
        distinct: counted?.size ?? distinct.estimate(),
        smallest: showsExtremes ? smallest : null,
        largest: showsExtremes ? largest : null,
        values: repeats ? Array.from(counted, ([value, inValue]) => ({ value, rows: inValue })).sort(byRows) : null,
        numbers: notNumbers > 0 || !isShown ? null : numbers.finish(),
        lengths: lengths.finish(),
      };
    },
  };
}

export interface ProfileBuilder {
  see: (row: Pick<DataRow, 'values'>) => void;
  finish: () => DatasetProfile;
}

/**
 * Profiles rows as they pass, in memory that does not grow with their number. A column that a row lacks is null there.
 * @param unshown columns of which no value may stand in the profile, however often it repeats, such as ids of people;
 *   how many there are and how long they are is kept
 */
export function createProfile({
  columns,
  unshown,
}: {
  columns: readonly string[];
  unshown: readonly string[];
}): ProfileBuilder {
  const watches = columns.map((column) => ({
    column,
    watch: watchColumn({ column, isShown: !unshown.includes(column) }),
  }));
  let rows = 0;
  return {
    see: ({ values }) => {
      rows += 1;
      for (const { column, watch } of watches) watch.see(values[column] ?? null);
    },
    finish: () => ({ rows, columns: watches.map(({ watch }) => watch.finish()) }),
  };
}
