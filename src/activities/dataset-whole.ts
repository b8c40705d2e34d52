import type { CleanRow } from '../domain/dataset/clean-record.js';
import {
  createContaminationIndex,
  type Leak as ContaminationLeak,
  refuseContaminated,
} from '../domain/dataset/contamination-index.js';
import type { DeadLetter } from '../domain/dataset/dead-letter.js';
import type { GoldenCase } from '../domain/dataset/golden.js';
import { createProfile, type DatasetProfile } from '../domain/dataset/column-profile/column-profile.js';
import { examplesKept, type StepExample } from '../domain/dataset/step-examples.js';
import { duplicateKinds } from '../domain/dataset/near-duplicates/duplicate-resolution.js';
import { KeyNumbers } from '../domain/dataset/near-duplicates/key-numbers.js';
import { createNearIndex } from '../domain/dataset/near-duplicates/near-index.js';
import { textKey } from '../domain/dataset/near-duplicates/text-key.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import { tableRow } from '../domain/dataset/render.js';
import { rowText } from '../domain/dataset/recipes.js';
import { createValidation, refuseInvalid } from '../domain/dataset/validation-suite.js';
import { withNearest, type EmbeddedGolden, type EmbeddedOverlap } from './dataset-embedded-golden.js';
import { readSpills, resolveDuplicates } from './dataset-duplicates.js';
import type { Pulse } from './dataset-input.js';
import type { Outputs } from './dataset-outputs.js';
import { mixReplay, type ReplayDataset } from './dataset-replay.js';
import { clusterOf, splitRows } from './dataset-split.js';

const rowsBetweenPulses = 5000;

/** What the steps over the whole data set counted. */
export interface WholeCounts {
  train: number;
  validation: number;
  replayed: number;
  clusters: number;
  deadLettered: Record<string, number>;
  /** Values that were replaced, by type. */
  redacted: Record<string, number>;
  normalised: number;
  contamination: { removed: ContaminationLeak[]; looked: number };
  profile: DatasetProfile;
  /** The first texts that each step changed. */
  examples: (StepExample & { row: number })[];
}

/**
 * The steps that look at all rows: duplicates, split, validation and contamination. Reads the cleaned rows four times
 * and holds some 300 bytes a row.
 * @throws DataProblem where the rows must not be published.
 */
export async function finishRows({
  spills,
  plan,
  cases,
  meaning,
  previous,
  replay,
  outputs,
  pulse,
}: {
  /** Temporary files of cleaned rows, in order. */
  spills: readonly string[];
  plan: DatasetPlan;
  cases: readonly GoldenCase[];
  /** The cases by what they mean; null where the spec compares none. */
  meaning: EmbeddedGolden | null;
  /** Rows of the version before. */
  previous: { rows: number } | null;
  /** Older versions that rows are replayed from. */
  replay: readonly ReplayDataset[];
  outputs: Outputs;
  pulse: Pulse;
}): Promise<WholeCounts> {
  const { recipe, data, table } = plan;
  const columns = table.map(({ name }) => name);
  // The id of a row names no person, and without it a message would not help.
  const unshown = plan.unshown.filter((column) => column !== recipe.id);
  const uniqueId = data.uniqueIds ? recipe.id : null;
  const validation = createValidation({ rules: data.validation, columns, uniqueId, unshown });
  const duplicates = await resolveDuplicates({ spills, plan, pulse });
  const golden = createContaminationIndex({ golden: cases });
  const split = await splitRows({ spills, plan, kinds: duplicates.kind, pulse });
  const clusters = new KeyNumbers();
  const texts = createNearIndex({ threshold: data.duplicates.threshold, seed: data.seed });
  const profile = createProfile({ columns, unshown: plan.unshown });
  const examples: WholeCounts['examples'] = [];
  const sides = { train: 0, validation: 0 };
  const counts = { deadLettered: {} as Record<string, number>, redacted: {} as Record<string, number>, normalised: 0 };
  const removed: ContaminationLeak[] = [];
  let looked = 0;
  let index = -1;

  async function reject(letter: DeadLetter): Promise<void> {
    counts.deadLettered[letter.reason] = (counts.deadLettered[letter.reason] ?? 0) + 1;
    await outputs.reject(letter);
  }

  function duplicateLetter(row: CleanRow): DeadLetter | null {
    const kind = duplicates.kind[index];
    if (kind === duplicateKinds.kept) return null;
    const exact = kind === duplicateKinds.exact;
    const winner = duplicates.sourceRow(duplicates.winner[index]!);
    const detail = `${exact ? 'same words as' : 'nearly the same words as'} row ${winner}`;
    return letterOf({ row, reason: exact ? 'duplicate' : 'nearDuplicate', detail });
  }

  const letterOf = ({
    row,
    reason,
    detail,
  }: { row: CleanRow } & Pick<DeadLetter, 'reason' | 'detail'>): DeadLetter => ({
    ...{ row: row.row, line: row.line, reason, column: recipe.texts[0], detail, record: row.values },
  });

  function contaminationLetter(row: CleanRow, nearest: EmbeddedOverlap | null): DeadLetter | null {
    const copied = golden.overlap({ texts: recipe.texts.map((column) => String(row.values[column])) });
    const byWords = copied !== null && copied.overlap >= data.contamination.removeAt;
    const alike = nearest !== null && nearest.overlap >= meaning!.removeAt;
    if (!byWords && !alike) return null;
    const worst = byWords ? copied : { ...nearest!, by: 'embedding' as const };
    const removeAt = byWords ? data.contamination.removeAt : meaning!.removeAt;
    removed.push({ row: row.row, ...worst });
    const detail = `overlap ${worst.overlap.toFixed(2)} >= ${removeAt} with golden case ${worst.caseId} (${worst.by})`;
    return letterOf({ row, reason: 'contaminated', detail });
  }

  const looking = withNearest({
    ...{ items: readSpills(spills), golden: meaning },
    textOf: ({ row }) => (row === null ? null : String(row.values[recipe.texts[0]])),
  });
  for await (const { item, nearest } of looking) {
    const { row, letter } = item;
    if (row === null) {
      await reject(letter);
      continue;
    }
    index += 1;
    if (index % rowsBetweenPulses === 0) pulse({ step: 'publishing', rows: index });
    if (row.normalised) counts.normalised += 1;
    for (const example of row.examples)
      if (examples.filter(({ step }) => step === example.step).length < examplesKept)
        examples.push({ row: row.row, ...example });
    for (const [type, count] of Object.entries(row.redacted))
      counts.redacted[type] = (counts.redacted[type] ?? 0) + count;
    const duplicate = duplicateLetter(row);
    if (duplicate !== null) {
      await reject(duplicate);
      continue;
    }
    validation.see(row);
    looked += 1;
    const contaminated = contaminationLetter(row, nearest);
    if (contaminated !== null) {
      await reject(contaminated);
      continue;
    }
    const side = split.sideOf(index);
    const trainedAs = side === 'validation' ? split.trainedAs(row) : null;
    if (trainedAs !== null) {
      const detail = `asks nearly the same as row ${trainedAs}, which is trained on`;
      await reject(letterOf({ row, reason: 'trainedQuestion', detail }));
      continue;
    }
    const cluster = clusterOf({ row, plan });
    clusters.numberOf(textKey(cluster));
    if (replay.length > 0) texts.add(rowText({ recipe, values: row.values }));
    sides[side] += 1;
    profile.see({ values: tableRow({ row, cluster, split: side }) });
    await outputs.publish({ row, cluster, split: side });
  }
  refuseInvalid(validation.finish({ previous }));
  refuseContaminated({ leaks: removed, rows: looked, refuseOver: data.contamination.refuseOver });
  const replayed = await mixReplay({
    datasets: replay,
    plan,
    golden,
    meaning,
    split,
    texts,
    rows: sides.train,
    outputs,
    pulse,
  });
  return {
    replayed,
    ...{ ...sides, ...counts, clusters: clusters.size, contamination: { removed, looked } },
    ...{ profile: profile.finish(), examples },
  };
}
