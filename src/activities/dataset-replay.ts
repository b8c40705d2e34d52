import { storeKeys } from '../contracts/store-keys.js';
import type { ContaminationIndex } from '../domain/dataset/contamination-index.js';
import type { DataRow, Scalar } from '../domain/dataset/data-row.js';
import type { DatasetManifest } from '../domain/dataset/manifest.js';
import type { NearIndex } from '../domain/dataset/near-duplicates/near-index.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import { createReplaySampler, planReplay } from '../domain/dataset/replay-mix.js';
import { rowText } from '../domain/dataset/recipes.js';
import { withNearest, type EmbeddedGolden, type EmbeddedOverlap } from './dataset-embedded-golden.js';
import type { Pulse } from './dataset-input.js';
import type { Outputs } from './dataset-outputs.js';
import type { DatasetSplit } from './dataset-split.js';
import { readParquetRows } from './dataset-parquet.js';
import { type LatestDataset, readManifest } from './dataset-publishing.js';
import { digestFile } from './dataset-text.js';
import { type ArtifactStore, PortError } from './ports.js';

/** An older version that training rows are taken from, its table on this machine. */
export interface ReplayDataset {
  digest: string;
  weight: number;
  path: string;
}

/**
 * The versions that `data.replay.from` names. `previous` is the latest; where that was made from the same source and
 * settings this run repeats it, and takes the versions it took.
 * @throws PortError `NotFound` for a version that is not there, `DigestMismatch` where somebody changed one.
 */
export async function openReplay({
  store,
  name,
  plan,
  latest,
  source,
  settings,
}: {
  store: Pick<ArtifactStore, 'get' | 'localPath'>;
  name: string;
  plan: DatasetPlan;
  latest: LatestDataset | null;
  /** Digests of what this run reads and how. */
  source: string;
  settings: string;
}): Promise<ReplayDataset[]> {
  if (plan.data.replay === null) return [];
  const newest = latest === null ? null : (await readManifest({ store, name, digest: latest.digest })).manifest;
  const repeats = newest !== null && newest.source.sha256 === source && newest.settingsDigest === settings;
  const opened: ReplayDataset[] = [];
  for (const { dataset, weight } of plan.data.replay.from) {
    const named = plan.data.replay.from.map((one) => one.dataset);
    const before = repeats ? newest.parents.find((parent) => !named.includes(parent)) : latest?.digest;
    const digest = dataset === 'previous' ? before : dataset;
    if (digest === undefined || opened.some((one) => one.digest === digest)) continue;
    const { manifest } = await readManifest({ store, name, digest });
    opened.push({ digest, weight, path: await tablePath({ store, manifest }) });
  }
  return opened;
}

async function tablePath({
  store,
  manifest: { name, digest, recipe, files },
}: {
  store: Pick<ArtifactStore, 'localPath'>;
  manifest: DatasetManifest;
}): Promise<string> {
  const key = storeKeys.dataset({ name, digest, file: 'rows.parquet' });
  const path = await store.localPath({ key });
  const { sha256 } = await digestFile({ path });
  if (sha256 === files.find(({ file }) => file === 'rows.parquet')?.sha256) return path;
  throw new PortError('DigestMismatch', `store://${key} (${recipe}): its SHA-256 is ${sha256}; somebody changed it`);
}

type OlderRow = Pick<DataRow, 'values'> & { index: number; id: string; stratum: string };

/** The training rows of an older version, in its order. */
async function* trainingRows({ path, plan }: { path: string; plan: DatasetPlan }): AsyncGenerator<OlderRow> {
  let index = -1;
  for await (const item of readParquetRows({ path, name: 'an older version', only: null })) {
    if (item.kind !== 'record' || item.record.fields['split'] !== 'train') continue;
    const values = item.record.fields as Record<string, Scalar>;
    index += 1;
    yield { index, values, id: String(values[plan.recipe.id]), stratum: String(values['category'] ?? '') };
  }
}

/**
 * Mixes older rows into the training rows, against forgetting. Rows that hold a golden case, that the new set or another
 * older one has in the same or nearly the same words, or whose cluster or question validates now are left where they are.
 * @returns how many rows were mixed in
 */
export async function mixReplay({
  datasets,
  plan,
  golden,
  meaning,
  split,
  texts,
  rows,
  outputs,
  pulse,
}: {
  datasets: readonly ReplayDataset[];
  plan: DatasetPlan;
  golden: ContaminationIndex;
  /** The golden cases by what they mean; null where the spec compares none. */
  meaning: EmbeddedGolden | null;
  split: Pick<DatasetSplit, 'splitter' | 'validates'>;
  /** The texts of the new rows; older ones are added where there are several versions, which may repeat each other. */
  texts: NearIndex;
  /** New training rows. */
  rows: number;
  outputs: Outputs;
  pulse: Pulse;
}): Promise<number> {
  const { recipe, data } = plan;
  if (data.replay === null || datasets.length === 0) return 0;
  const isNew = ({ values }: OlderRow): boolean => {
    const text = rowText({ recipe, values });
    if (texts.matches(text).length > 0) return false;
    if (datasets.length > 1) texts.add(text);
    return true;
  };
  const fits = (row: OlderRow, nearest: EmbeddedOverlap | null): boolean => {
    if (nearest !== null && nearest.overlap >= meaning!.removeAt) return false;
    const worst = golden.overlap({ texts: recipe.texts.map((column) => String(row.values[column])) });
    if (worst !== null && worst.overlap >= data.contamination.removeAt) return false;
    const cluster = String(row.values['cluster']);
    return split.splitter.place({ cluster, category: row.stratum }) === 'train' && !split.validates(row) && isNew(row);
  };
  const measured: { dataset: ReplayDataset; fitting: boolean[]; strata: Map<string, number> }[] = [];
  for (const dataset of datasets) {
    const fitting: boolean[] = [];
    const strata = new Map<string, number>();
    const looking = withNearest({
      ...{ items: trainingRows({ path: dataset.path, plan }), golden: meaning },
      textOf: ({ values }) => String(values[recipe.texts[0]]),
    });
    for await (const { item: row, nearest } of looking) {
      fitting.push(fits(row, nearest));
      if (fitting.at(-1)) strata.set(row.stratum, (strata.get(row.stratum) ?? 0) + 1);
    }
    measured.push({ dataset, fitting, strata });
    pulse({ step: 'replay', rows: fitting.length });
  }
  const sources = measured.map(({ dataset, strata }) => ({ dataset: dataset.digest, weight: dataset.weight, strata }));
  const quotas = planReplay({ rows, share: data.replay.share, sources });
  let mixed = 0;
  for (const { dataset, fitting } of measured) {
    const own = quotas.filter((quota) => quota.dataset === dataset.digest);
    const sampler = createReplaySampler({ quotas: own, seed: data.seed });
    for await (const row of trainingRows({ path: dataset.path, plan })) if (fitting[row.index]) sampler.see(row);
    const chosen = sampler.chosen();
    for await (const row of trainingRows({ path: dataset.path, plan })) {
      if (!chosen.has(row.index)) continue;
      await outputs.replay(row);
      mixed += 1;
    }
  }
  return mixed;
}
