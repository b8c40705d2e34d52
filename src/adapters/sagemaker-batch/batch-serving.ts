import type { ArtifactStore } from '../../activities/ports.js';
import { PortError } from '../../activities/ports.js';
import { refKey } from '../../domain/artifact-ref.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import type { S3Place } from '../s3-store/s3-objects.js';
import { type Hosting, tagsOf } from '../sagemaker-endpoint/endpoint-plan.js';
import type { Endpoints } from '../sagemaker-endpoint/endpoints.js';
import {
  nameOf,
  OfflineReleases,
  type OfflineServing,
  type WantedRelease,
} from '../sagemaker-endpoint/offline-serving.js';
import type { DesiredRelease } from '../vllm-serving/desired-adapters.js';
import { batchAddress, batchKeys, batchName } from './batch-address.js';
import { batchModel } from './batch-plan.js';
import { currentSchema } from './batch-run.js';
import type { JobRecords } from './job-records.js';
import { type ArchivedFile, archiveDigest, ensureArchive, filesBelow } from './model-archive.js';
import type { TransformJobs } from './transform-jobs.js';

export interface BatchServingSettings {
  /** Of SageMaker's models, which endpoints have too. */
  endpoints: Pick<Endpoints, 'createModel' | 'removeModel'>;
  jobs: TransformJobs;
  records: JobRecords;
  store: ArtifactStore;
  /** The bucket of the store, by a client that reads the base models too. */
  place: S3Place;
  hosting: Hosting;
  uriOf: (key: string) => string;
}

const placeOf = (wanted: WantedRelease): string => batchName({ model: wanted.release.model, name: nameOf(wanted) });

/**
 * Releases that jobs of batch transform answer for: base and adapter of each are packed into one archive, and nothing
 * runs until somebody asks. The archive stays until the release is retired, so that the next comparison finds it.
 */
export class BatchServing implements OfflineServing {
  readonly #settings: BatchServingSettings;
  readonly #releases: OfflineReleases;

  constructor(settings: BatchServingSettings) {
    this.#settings = settings;
    this.#releases = new OfflineReleases({ store: settings.store, key: 'serving/batch.json', placeOf });
  }

  address(model: string): string {
    return batchAddress(model);
  }

  async deploy(releases: readonly WantedRelease[], signal: AbortSignal): Promise<void> {
    for (const wanted of releases) {
      await this.#releases.add(wanted);
      await this.#pack(wanted, signal);
    }
  }

  async trouble(releases: readonly WantedRelease[]): Promise<string | null> {
    for (const wanted of releases)
      if ((await this.#current(placeOf(wanted))) === null) return `${wanted.releaseId} is not packed`;
    return null;
  }

  async retire({ releaseId }: { releaseId: string }): Promise<void> {
    await this.#releases.retire({ releaseId, remove: (batch) => this.#remove(batch) });
  }

  async servedOf({ model }: { model: string }): Promise<string[]> {
    return await this.#releases.servedOf({ model });
  }

  async known(): Promise<Readonly<Record<string, DesiredRelease>>> {
    return await this.#releases.known();
  }

  async #pack(wanted: WantedRelease, signal: AbortSignal): Promise<void> {
    const { endpoints, store, place, hosting, uriOf } = this.#settings;
    const batch = placeOf(wanted);
    const files = await this.#filesOf(wanted);
    const digest = archiveDigest(files);
    await ensureArchive({ place, key: batchKeys.archive({ batch, digest }), files, signal });
    const tags = tagsOf({ model: wanted.release.model, hosting });
    const model = batchModel({ wanted, hosting, batch, digest, uriOf, tags });
    await endpoints.createModel(model);
    const before = await this.#current(batch);
    if (before?.digest === digest) return;
    const current = Buffer.from(JSON.stringify({ model: model.ModelName, digest }));
    await store.put({ key: batchKeys.current(batch), body: current });
    if (before === null) return;
    await endpoints.removeModel(before.model);
    await store.remove({ key: batchKeys.archive({ batch, digest: before.digest }) });
  }

  /** The base's files, and those of the adapter that its manifest names. */
  async #filesOf({ release: { base, adapter } }: WantedRelease): Promise<ArchivedFile[]> {
    const { store, place, hosting, uriOf } = this.#settings;
    const { client } = place;
    const ofBase = await filesBelow({ client, uri: hosting.baseModels[base]!, folder: 'base' });
    if (adapter === null) return ofBase;
    const manifest = await readAdapterManifest({ store, adapter });
    const uri = uriOf(refKey(adapter).replace(/[^/]+$/, ''));
    const stored = new Map((await filesBelow({ client, uri, folder: 'adapter' })).map((file) => [file.name, file]));
    const ofAdapter = manifest.map(({ name, sha256 }) => {
      const file = stored.get(`adapter/${name}`);
      if (file === undefined) throw new PortError('NotFound', `adapter ${adapter.uri}: its file ${name} is missing`);
      return { ...file, sha256 };
    });
    return [...ofBase, ...ofAdapter];
  }

  async #current(batch: string) {
    const found = await this.#settings.store.get({ key: batchKeys.current(batch) });
    return found === null ? null : currentSchema.parse(JSON.parse(Buffer.from(found.body).toString('utf8')));
  }

  /** Removes first what questions are asked by, so that nobody asks anew what is removed here. */
  async #remove(batch: string): Promise<void> {
    const { endpoints, jobs, records, store } = this.#settings;
    const current = await this.#current(batch);
    if (current !== null) await endpoints.removeModel(current.model);
    await store.remove({ key: batchKeys.current(batch) });
    for (const { job } of await records.of(batch)) await jobs.stop(job);
    for (const prefix of [batchKeys.archives(batch), `${batchKeys.folder(batch)}/`])
      for await (const { key } of store.list({ prefix })) await store.remove({ key });
  }
}
