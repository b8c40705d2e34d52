import type { DatasetSummary } from '../contracts/release.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { type BuildContext, buildDataset } from './dataset-build.js';
import type { Pulse } from './dataset-input.js';
import type { PublishedDataset } from './dataset-publishing.js';
import { heartbeat, throwIfCancelled } from './heartbeat.js';
import type { Ports } from './ports.js';
import { loadSpecification } from './specifications.js';

/** Says with a heartbeat how far an activity is, and ends it where it was cancelled. */
export const activityPulse: Pulse = (details) => {
  throwIfCancelled();
  heartbeat(details);
};

/** What a release has to know of its data set. */
export function summaryOf({ refs, manifest, manifestRef }: PublishedDataset): DatasetSummary {
  const { name, digest, counts } = manifest;
  return {
    ...{ name, digest, read: counts.read, rows: counts.published, deadLettered: counts.deadLettered },
    train: refs.get('train.jsonl')!,
    validation: refs.get('validation.jsonl')!,
    table: refs.get('rows.parquet')!,
    manifest: manifestRef,
  };
}

/** Raw rows in, a clean, versioned, leak-free data set out. */
export function createDatasetActivities({
  store,
  sources,
  registry,
  codeCommit,
  pseudonyms,
  tokenizers,
  openEmbedder = null,
  chunks = null,
}: Pick<Ports, 'store' | 'sources' | 'registry' | 'openEmbedder' | 'chunks'> &
  Pick<BuildContext, 'codeCommit' | 'pseudonyms' | 'tokenizers'>) {
  return {
    /** `buildDataset` for the source of a specification, as a release runs it; the release's run names it as its input. */
    async prepareDataset({
      releaseId,
      specification,
      indexVersion = null,
    }: {
      releaseId: string;
      specification: ArtifactRef;
      /** The version of the index that the release serves with; absent where it serves none. */
      indexVersion?: string | null;
    }): Promise<DatasetSummary> {
      const loaded = await loadSpecification({ store, ref: specification });
      const ports = { store, sources, openEmbedder, chunks };
      const context = { ...ports, codeCommit, pseudonyms, tokenizers, pulse: activityPulse };
      const summary = summaryOf(await buildDataset({ ...context, specification: loaded, window: null, indexVersion }));
      const { name, digest, rows, manifest } = summary;
      const { runId } = await registry.ensureRun({ model: loaded.spec.model, releaseId, tags: {} });
      await registry.logDataset({ runId, name, digest, source: manifest.uri, rows });
      return summary;
    },
  };
}
