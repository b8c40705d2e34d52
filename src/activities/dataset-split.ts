import type { CleanRow } from '../domain/dataset/clean-record.js';
import { type DuplicateResolution, duplicateKinds } from '../domain/dataset/near-duplicates/duplicate-resolution.js';
import { createNearIndex } from '../domain/dataset/near-duplicates/near-index.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import type { Split } from '../domain/dataset/split.js';
import { createSplitter, type Splitter } from '../domain/dataset/splitter.js';
import { readSpills } from './dataset-duplicates.js';
import type { Pulse } from './dataset-input.js';

const rowsBetweenPulses = 5000;

/** Where each row goes, and what keeps questions of one side out of the other. */
export interface DatasetSplit {
  splitter: Splitter;
  sideOf: (index: number) => Split;
  /** For a row that validates: the training row that asks nearly the same, by its number in the source; else null. */
  trainedAs: (row: CleanRow) => number | null;
  /** Whether a row that validates asks nearly the same as an older row that is to be replayed. */
  validates: (row: Pick<CleanRow, 'values'>) => boolean;
}

/** The key whose rows stay together. A row without one belongs to nobody else and stands for itself. */
export function clusterOf({ row, plan }: { row: Pick<CleanRow, 'values'>; plan: DatasetPlan }): string {
  const value = row.values[plan.data.cluster] ?? null;
  return value === null ? `row:${String(row.values[plan.recipe.id])}` : String(value);
}

const stratumOf = ({ values }: Pick<CleanRow, 'values'>): string | null => {
  const category = values['category'] ?? null;
  return category === null ? null : String(category);
};

/**
 * Places all rows that stay, then looks for training rows whose question is nearly the same as one that validates: two
 * people may ask one question and get two answers, so that neither row is a duplicate. The row that validates gives
 * way: to keep the question out of training instead would leave the most asked ones untaught.
 */
export async function splitRows({
  spills,
  plan,
  kinds,
  pulse,
}: {
  spills: readonly string[];
  plan: DatasetPlan;
  /** By row, whether it stays. */
  kinds: DuplicateResolution['kind'];
  pulse: Pulse;
}): Promise<DatasetSplit> {
  const { data, recipe } = plan;
  const splitter = createSplitter({ seed: data.seed, share: data.validationShare });
  const validating = new Uint8Array(kinds.length);
  const questions = createNearIndex({ threshold: data.duplicates.threshold, seed: data.seed });
  const trainedBy = new Map<number, number>();
  const questionOf = ({ values }: Pick<CleanRow, 'values'>): string => String(values[recipe.texts[0]]);

  async function* keptRows(): AsyncGenerator<{ row: CleanRow; index: number }> {
    let index = -1;
    for await (const { row } of readSpills(spills)) {
      if (row === null) continue;
      index += 1;
      if (index % rowsBetweenPulses === 0) pulse({ step: 'split', rows: index });
      if (kinds[index] === duplicateKinds.kept) yield { row, index };
    }
  }

  for await (const { row, index } of keptRows()) {
    if (splitter.place({ cluster: clusterOf({ row, plan }), category: stratumOf(row) }) === 'train') continue;
    validating[index] = 1;
    questions.add(questionOf(row));
  }
  // Without a question that validates there is nothing to look for in all the rows.
  const looked = validating.includes(1) ? keptRows() : [];
  for await (const { row, index } of looked) {
    if (validating[index] === 1) continue;
    for (const question of questions.matches(questionOf(row)))
      if (!trainedBy.has(question)) trainedBy.set(question, row.row);
  }

  return {
    splitter,
    sideOf: (index) => (validating[index] === 1 ? 'validation' : 'train'),
    trainedAs: (row) => trainedBy.get(questions.add(questionOf(row))) ?? null,
    validates: (row) => questions.matches(questionOf(row)).some((question) => !trainedBy.has(question)),
  };
}
