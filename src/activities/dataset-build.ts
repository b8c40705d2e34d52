import { join } from 'node:path';
import { DataProblem } from '../domain/dataset/data-problem.js';
import { funnel } from '../domain/dataset/dead-letter.js';
import { type ManifestContent, sealManifest, settingsDigest } from '../domain/dataset/manifest.js';
import { type DatasetPlan, planDataset, sourceColumns } from '../domain/dataset/plan.js';
import type { Pseudonyms } from '../domain/dataset/pseudonyms.js';
import type { TimeWindow } from '../domain/dataset/time-window.js';
import { shownUri } from '../domain/spec/source-uri.js';
import type { Specification } from '../domain/spec/specification.js';
import type { BaseTokenizers } from './base-tokenizers-port.js';
import { cleanToSpill, type ReadSource, recordsOf } from './dataset-clean.js';
import { createLineWriter } from './dataset-files.js';
import { askedAs, shownIndex } from './dataset-asked.js';
import { type OpenedSource, openSource, type Pulse } from './dataset-input.js';
import { createOutputs, type TokenCounts } from './dataset-outputs.js';
import { moveLatest, publishDataset, type PublishedDataset, readLatest } from './dataset-publishing.js';
import { openReplay } from './dataset-replay.js';
import { withScratch } from './dataset-scratch.js';
import { finishRows, type WholeCounts } from './dataset-whole.js';
import { loadGolden } from './golden.js';
import type { DataSources } from './data-sources-port.js';
import { embedGolden, type EmbeddedGolden } from './dataset-embedded-golden.js';
import { type ArtifactStore, PortError, type Ports } from './ports.js';

/**
 * What a build works with, wherever it runs: in an activity, in a workflow's chunks or on the command line. Where rows are
 * compared by meaning there must be an embedder, where they show snippets a store of chunks too.
 */
export interface BuildContext extends Pick<Ports, 'openEmbedder' | 'chunks'> {
  store: ArtifactStore;
  sources: DataSources;
  codeCommit: string | null;
  /** What stands for identifiers that are personal data. */
  pseudonyms: Pseudonyms;
  tokenizers: BaseTokenizers;
  pulse: Pulse;
}

export interface BuildInput {
  specification: Specification;
  window: TimeWindow | null;
  /** The version of the index that a release serves with; absent where the rows are of no release. */
  indexVersion?: string | null;
}

/** A version as this run made it; `tokens` is null where `data.maxTokens` is, or the base's tokenizer is not here. */
export type BuiltDataset = PublishedDataset & { tokens: TokenCounts | null };

/** What the cleaning of one row after the other left behind. */
export interface CleanedSource {
  /** Temporary files of cleaned rows and dead letters, in order. */
  spills: string[];
  found: ReadSource;
  source: { sha256: string; bytes: number };
}

/** What a plan's problems are to a caller: types of the closed list. */
export async function asPortErrors<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DataProblem)) throw error;
    const type = error.kind === 'input' ? 'InvalidInput' : 'DataRefused';
    throw new PortError(type, error.message, null, { cause: error });
  }
}

/**
 * Reads the source that a specification names and publishes `datasets/<model>/<digest>/`. The same source and settings
 * give the same digest on every machine, so doing it twice writes nothing twice.
 * @throws PortError `InvalidInput` for a source, golden set or setting that can't be used, `DataRefused` for rows that
 * must not be trained on, `Conflict` when another run was first, `NotFound` and `DigestMismatch` from the store.
 */
export const buildDataset = (context: BuildContext & BuildInput): Promise<BuiltDataset> =>
  asPortErrors(() =>
    withScratch(async (folder) => {
      const plan = planDataset({ data: context.specification.spec.data, pseudonyms: context.pseudonyms });
      const cleaned = await cleanSource({ ...context, plan, folder });
      return await publishCleaned({ ...context, plan, folder, cleaned });
    }),
  );

/** Opens the source of a plan; `found` and `measured` are complete once the records have been read. */
export async function openRecords({
  plan,
  window,
  folder,
  ...context
}: Pick<BuildContext, 'sources' | 'store' | 'pulse'> & {
  plan: DatasetPlan;
  window: TimeWindow | null;
  folder: string;
}): Promise<{ records: ReturnType<typeof recordsOf>; found: ReadSource; measured: OpenedSource['measured'] }> {
  const { source } = plan.data;
  const id = plan.sources.get(plan.recipe.id)!;
  const needed = [...sourceColumns(plan), source.timeColumn];
  const opened = await openSource({ source, id, needed, window, folder, ...context });
  const found: ReadSource = { read: 0, columns: [], outside: 0 };
  const records = recordsOf({ items: opened.items, plan, window, name: opened.name, found });
  return { records, found, measured: opened.measured };
}

/** Reads and cleans the whole source into one temporary file. */
async function cleanSource({
  plan,
  folder,
  ...context
}: BuildContext & BuildInput & { plan: DatasetPlan; folder: string }): Promise<CleanedSource> {
  const { records, found, measured } = await openRecords({ plan, folder, ...context });
  const spill = join(folder, 'cleaned.jsonl');
  const writer = createLineWriter({ path: spill });
  await cleanToSpill({ records, plan, writer, threads: true, pulse: context.pulse });
  await writer.close();
  return { spills: [spill], found, source: await measured() };
}

/** The steps over all rows, then the publication; also the end of an ingest in chunks. */
export async function publishCleaned({
  specification,
  window,
  indexVersion = null,
  plan,
  cleaned,
  folder,
  store,
  codeCommit,
  tokenizers,
  openEmbedder = null,
  chunks = null,
  pulse,
}: Omit<BuildContext, 'sources' | 'pseudonyms'> &
  BuildInput & { plan: DatasetPlan; cleaned: CleanedSource; folder: string }): Promise<BuiltDataset> {
  const { spec, prompt, golden } = specification;
  const cases = await loadGolden({ store, golden });
  const { embeddingAt } = plan.data.contamination;
  const meaning = await embedGolden({ openEmbedder, embeddingAt, cases });
  const seen = await readLatest({ store, name: spec.model });
  const tokenizer = plan.data.maxTokens === null ? null : await tokenizers.open({ base: spec.base.id });
  const { retrieval } = spec;
  const index = shownIndex({ retrieval, indexVersion });
  const asked = askedAs({ prompt, retrieval, indexVersion: index, chunks, openEmbedder, pulse });
  const outputs = await createOutputs({ plan, asked, folder, tokenizer });
  const previous = seen.latest === null ? null : { rows: seen.latest.rows };
  const settings = settingsDigest({ data: spec.data, prompt, pseudonyms: plan.pseudonyms });
  const source = cleaned.source.sha256;
  const replay = await openReplay({ store, name: spec.model, plan, latest: seen.latest, source, settings });
  const counts = await finishRows({ spills: cleaned.spills, plan, cases, meaning, previous, replay, outputs, pulse });
  checkEnough({ counts, plan, read: cleaned.found.read, window });
  const files = await outputs.close();
  const parents = replay.map(({ digest }) => digest);
  const content = manifestOf({ specification, window, index, plan, cleaned, counts, parents, meaning });
  const manifest = sealManifest({
    content: { ...content, files: files.map(({ file, sha256, bytes, rows }) => ({ file, sha256, bytes, rows })) },
    provenance: { codeCommit, previous: seen.latest?.digest ?? null, tokens: outputs.tokens() },
  });
  pulse({ step: 'writing', read: cleaned.found.read, rows: content.counts.published });
  const published = await publishDataset({ store, manifest, files });
  await moveLatest({ store, published, window, seen });
  return { ...published, tokens: outputs.tokens() };
}

function manifestOf({
  specification: { spec, prompt, golden },
  window,
  index,
  plan,
  cleaned: { found, source },
  counts,
  parents,
  meaning,
}: BuildInput & {
  /** Whose snippets stand in the chats. */
  index: string | null;
  plan: DatasetPlan;
  cleaned: CleanedSource;
  counts: WholeCounts;
  parents: string[];
  meaning: EmbeddedGolden | null;
}): Omit<ManifestContent, 'files'> {
  const { train, validation, replayed, clusters, normalised, redacted, deadLettered } = counts;
  const { removed, looked } = counts.contamination;
  return {
    version: 2,
    name: spec.model,
    recipe: plan.recipe.name,
    settingsDigest: settingsDigest({ data: spec.data, prompt, pseudonyms: plan.pseudonyms }),
    pseudonyms: plan.pseudonyms.keyDigest === null ? 'unkeyed' : 'keyed',
    source: { kind: plan.data.source.kind, ...source, columns: found.columns, window, outside: found.outside },
    golden: { name: golden.name, version: golden.version, sha256: golden.ref.sha256 },
    ...(index !== null && { index }),
    parents,
    schema: plan.table,
    counts: {
      ...{ read: found.read, published: train + validation, train, validation, replayed },
      ...{ clusters, normalised, redacted, deadLettered },
    },
    funnel: funnel({ read: found.read, deadLettered }),
    contamination: {
      removeAt: plan.data.contamination.removeAt,
      ...(meaning && { embeddingAt: meaning.removeAt, embedder: meaning.embedder }),
      share: removed.length / Math.max(1, looked),
      removed,
    },
    examples: counts.examples,
    profile: counts.profile,
  };
}

/** Throws DataProblem where too few rows are left, or a side of the split stays empty. */
function checkEnough({
  counts,
  plan,
  read,
  window,
}: {
  counts: WholeCounts;
  plan: DatasetPlan;
  read: number;
  window: TimeWindow | null;
}): void {
  const { validationShare, cluster, source } = plan.data;
  // A day may bring few rows; what a release trains on must be more.
  const minimumRows = window === null ? plan.data.minimumRows : 1;
  const rows = counts.train + counts.validation;
  const left = Object.entries(counts.deadLettered).map(([reason, count]) => `${reason} ${count}`);
  if (rows < minimumRows) {
    throw new DataProblem(
      'refused',
      `${rows} rows < ${minimumRows} (data.minimumRows) are left of ${read} read; ` +
        `left out: ${left.join(', ') || 'none'}. Add rows to ${shownUri(source.uri)}, or lower data.minimumRows`,
    );
  }
  if (window !== null || (counts.train > 0 && (counts.validation > 0 || validationShare === 0))) return;
  const asked = counts.deadLettered['trainedQuestion'] ?? 0;
  if (counts.validation === 0 && asked > 0)
    throw new DataProblem(
      'refused',
      `all ${asked} rows that were to validate ask what training rows ask; ${rows} rows are left. Add rows with other ` +
        'questions, raise data.validationShare, or set it to 0 and let the golden set alone decide',
    );
  throw new DataProblem(
    'refused',
    `the split by ${cluster} puts ${counts.validation} of ${rows} rows into validation (${counts.clusters} clusters, ` +
      `data.validationShare ${validationShare}). Name a column with more clusters in data.cluster, or change data.seed`,
  );
}
