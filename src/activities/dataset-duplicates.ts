import type { CleanResult } from '../domain/dataset/clean-record.js';
import { createLeakReport } from '../domain/dataset/leak-report.js';
import { createDuplicateIndex } from '../domain/dataset/near-duplicates/duplicate-index.js';
import type { DuplicateResolution } from '../domain/dataset/near-duplicates/duplicate-resolution.js';
import { int32Columns } from '../domain/dataset/near-duplicates/growing-columns.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import { rowText } from '../domain/dataset/recipes.js';
import { parseSpillLine } from '../domain/dataset/spill.js';
import { readLines } from './dataset-files.js';
import type { Pulse } from './dataset-input.js';

const rowsBetweenPulses = 5000;

/** Cleaned rows and dead letters, in the order of the source. */
export async function* readSpills(spills: readonly string[]): AsyncGenerator<CleanResult> {
  for (const path of spills) for await (const line of readLines(path)) yield parseSpillLine(line);
}

/**
 * Which rows say the same, over the whole data set, and whether any personal data is left.
 * @throws DataProblem where the second detector found any, so that nothing is published.
 */
export async function resolveDuplicates({
  spills,
  plan,
  pulse,
}: {
  spills: readonly string[];
  plan: DatasetPlan;
  pulse: Pulse;
}): Promise<DuplicateResolution & { sourceRow: (index: number) => number }> {
  const { recipe, data } = plan;
  const index = createDuplicateIndex({ threshold: data.duplicates.threshold, seed: data.seed });
  const sourceRows = int32Columns();
  const leaks = createLeakReport();
  for await (const { row } of readSpills(spills)) {
    if (row === null) continue;
    leaks.see(row);
    sourceRows.reserve(index.rows);
    sourceRows.set(index.rows, row.row);
    const text = rowText({ recipe, values: row.values });
    index.add({ text, helpfulness: Number(row.values[recipe.helpfulness] ?? -Infinity) });
    if (index.rows % rowsBetweenPulses === 0) pulse({ step: 'duplicates', rows: index.rows });
  }
  leaks.refuse();
  pulse({ step: 'duplicates', rows: index.rows });
  return { ...index.resolve(), sourceRow: (position) => sourceRows.get(position) };
}
