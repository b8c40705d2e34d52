import type { DatasetSummary } from '../contracts/release.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { withoutContamination } from '../domain/dataset/contamination.js';
import { columnSources, recipeColumn } from '../domain/dataset/column-mapping.js';
import { DataProblem } from '../domain/dataset/data-problem.js';
import { countByReason, funnel } from '../domain/dataset/dead-letter.js';
import { withoutExactDuplicates } from '../domain/dataset/exact-duplicates.js';
import { sealManifest, settingsDigest } from '../domain/dataset/manifest.js';
import { clusterOf, splitOf } from '../domain/dataset/split.js';
import type { TicketRow } from '../domain/dataset/ticket.js';
import { validateRows } from '../domain/dataset/validation.js';
import type { DataSpec } from '../domain/spec/data-spec.js';
import type { Specification } from '../domain/spec/specification.js';
import { datasetFiles, describeFiles, type PlacedRow, publishDataset } from './dataset-publishing.js';
import { readCleanRows } from './dataset-rows.js';
import { loadGolden } from './golden.js';
import { heartbeat, throwIfCancelled } from './heartbeat.js';
import { PortError, type Ports } from './ports.js';
import { loadSpecification } from './specifications.js';

/** Raw tickets in, a clean, versioned, leak-free data set out. */
export function createDatasetActivities({ store }: Pick<Ports, 'store'>) {
  return {
    /**
     * Reads the source that the specification names and publishes `datasets/<model>/<digest>/`. The same source and
     * settings give the same digest on every machine, so doing it twice writes nothing twice.
     * @throws PortError `InvalidInput` for a source, golden set or setting that can't be used, `DataRefused` for rows
     * that must not be trained on, `NotFound` and `DigestMismatch` from the store.
     */
    async prepareDataset({
      specification,
    }: {
      releaseId: string;
      specification: ArtifactRef;
    }): Promise<DatasetSummary> {
      try {
        return await prepare({ store, specification: await loadSpecification({ store, ref: specification }) });
      } catch (error) {
        if (!(error instanceof DataProblem)) throw error;
        const type = error.kind === 'input' ? 'InvalidInput' : 'DataRefused';
        throw new PortError(type, error.message, null, { cause: error });
      }
    },
  };
}

function pulse(details: Record<string, unknown>): void {
  throwIfCancelled();
  heartbeat(details);
}

async function prepare({
  store,
  specification,
}: {
  store: Ports['store'];
  specification: Specification;
}): Promise<DatasetSummary> {
  const { spec, prompt, golden } = specification;
  checkSupported(spec.data);
  const data = inRecipeNames(spec.data);
  const cases = await loadGolden({ store, golden });
  const { rows, letters, read, columns, source } = await readCleanRows({ data, store });
  pulse({ step: 'duplicates', read, deadLettered: letters.length });
  const unique = withoutExactDuplicates(rows);
  validateRows({ rows: unique.kept, rules: data.validation, sourceColumns: columns });
  pulse({ step: 'contamination', read, rows: unique.kept.length });
  const { removeAt, refuseOver } = data.contamination;
  const safe = withoutContamination({ rows: unique.kept, golden: cases, removeAt, refuseOver });
  const allLetters = [...letters, ...unique.letters, ...safe.letters];
  const deadLettered = countByReason(allLetters);
  const placed = place({ rows: safe.kept, data, read, deadLettered });
  const files = datasetFiles({ placed, letters: allLetters, prompt });
  const train = placed.filter((one) => one.split === 'train').length;
  const manifest = sealManifest({
    version: 1,
    name: spec.model,
    recipe: data.recipe,
    settingsDigest: settingsDigest({ data, prompt }),
    source: { kind: data.source.kind, ...source, columns },
    golden: { name: golden.name, version: golden.version, sha256: golden.ref.sha256 },
    parents: [],
    counts: {
      read,
      published: placed.length,
      train,
      validation: placed.length - train,
      clusters: new Set(placed.map((one) => one.cluster)).size,
      deadLettered,
    },
    funnel: funnel({ read, deadLettered }),
    contamination: { removeAt, share: safe.leaks.length / Math.max(1, unique.kept.length), removed: safe.leaks },
    files: describeFiles(files),
  });
  pulse({ step: 'writing', read, rows: placed.length });
  const refs = await publishDataset({ store, manifest, files });
  return { name: manifest.name, digest: manifest.digest, read, rows: placed.length, deadLettered, ...refs };
}

/** The settings with columns under the recipe's names, which rows have from here on. */
function inRecipeNames(data: DataSpec): DataSpec {
  const sources = columnSources(data.source.columns);
  const named = (column: string): string => recipeColumn({ sources, column });
  const validation = data.validation.map((rule) => ('column' in rule ? { ...rule, column: named(rule.column) } : rule));
  return { ...data, cluster: named(data.cluster ?? 'customer_id'), validation };
}

function checkSupported({ recipe, source }: DataSpec): void {
  if (recipe !== 'support-tickets')
    throw new PortError('InvalidInput', `data.recipe is "${recipe}": expected support-tickets in this version`);
  if (source.kind !== 'csv' && source.kind !== 'jsonl')
    throw new PortError('InvalidInput', `data.source.kind is "${source.kind}": expected csv or jsonl in this version`);
}

/** Puts every row on its side of the split. Throws DataProblem where too few rows are left, or a side stays empty. */
function place({
  rows,
  data,
  read,
  deadLettered,
}: {
  rows: readonly TicketRow[];
  data: DataSpec;
  read: number;
  deadLettered: Record<string, number>;
}): PlacedRow[] {
  const { minimumRows, validationShare, seed } = data;
  const left = Object.entries(deadLettered).map(([reason, count]) => `${reason} ${count}`);
  if (rows.length < minimumRows) {
    throw new DataProblem(
      'refused',
      `${rows.length} rows < ${minimumRows} (data.minimumRows) are left of ${read} read; ` +
        `left out: ${left.join(', ') || 'none'}. Add rows to ${data.source.uri}, or lower data.minimumRows`,
    );
  }
  const placed = rows.map((row) => {
    const cluster = clusterOf({ row, column: data.cluster! });
    return { row, cluster, split: splitOf({ cluster, seed, share: validationShare }) };
  });
  const validating = placed.filter((one) => one.split === 'validation').length;
  if (validating === placed.length || (validating === 0 && validationShare > 0)) {
    const clusters = new Set(placed.map((one) => one.cluster)).size;
    throw new DataProblem(
      'refused',
      `the split by ${data.cluster} puts ${validating} of ${rows.length} rows into validation (${clusters} clusters, ` +
        `data.validationShare ${validationShare}). Name a column with more clusters in data.cluster, or change data.seed`,
    );
  }
  return placed;
}
