import { storeKeys } from '../contracts/store-keys.js';
import { z } from 'zod';
import { type ArtifactRef, artifactRefSchema } from '../domain/artifact-ref.js';
import { type DatasetManifest, datasetManifestSchema, manifestDigest } from '../domain/dataset/manifest.js';
import { type TimeWindow, timeWindowSchema } from '../domain/dataset/time-window.js';
import type { DatasetFile } from './dataset-outputs.js';
import { digestFile } from './dataset-text.js';
import { type ArtifactStore, PortError } from './ports.js';

const latestSchema = z.object({
  digest: z.string(),
  rows: z.number().int(),
  window: timeWindowSchema.nullable(),
  manifest: artifactRefSchema,
});

/** The newest version of a data set, as `datasets/<name>/latest` names it. */
export type LatestDataset = z.infer<typeof latestSchema>;

/** The newest version and the version of the pointer to it; nulls where nothing was published. */
export async function readLatest({
  store,
  name,
}: {
  store: Pick<ArtifactStore, 'get'>;
  name: string;
}): Promise<{ latest: LatestDataset | null; pointer: string | null }> {
  const stored = await store.get({ key: storeKeys.latestDataset({ name }) });
  if (stored === null) return { latest: null, pointer: null };
  const latest = latestSchema.parse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
  return { latest, pointer: stored.version };
}

/**
 * The manifest of a version, its digest recomputed from what it says.
 * @throws PortError `NotFound` where there is no such version, `DigestMismatch` where somebody changed it.
 */
export async function readManifest({
  store,
  name,
  digest,
}: {
  store: Pick<ArtifactStore, 'get'>;
  name: string;
  digest: string;
}): Promise<{ manifest: DatasetManifest; ref: ArtifactRef }> {
  const key = storeKeys.dataset({ name, digest, file: 'manifest.json' });
  const stored = await store.get({ key });
  if (stored === null) throw new PortError('NotFound', `data set ${name} has no version ${digest}`);
  const parsed = datasetManifestSchema.safeParse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
  if (parsed.success && parsed.data.digest === digest && manifestDigest(parsed.data) === digest)
    return { manifest: parsed.data, ref: stored.ref };
  throw new PortError('DigestMismatch', `${stored.ref.uri}: its digest is not ${digest}; somebody changed it`);
}

export interface PublishedDataset {
  /** By file name. */
  refs: ReadonlyMap<string, ArtifactRef>;
  manifest: DatasetManifest;
  manifestRef: ArtifactRef;
}

/**
 * Writes the files and, last, the manifest; a version that stands there already is checked and left alone. A data set
 * without a manifest is none, so a run that broke off has published nothing.
 * @throws PortError `DigestMismatch` when other bytes stand at a key.
 */
export async function publishDataset({
  store,
  manifest,
  files,
}: {
  store: Pick<ArtifactStore, 'get' | 'putFile' | 'putIfAbsent' | 'localPath'>;
  manifest: DatasetManifest;
  files: readonly DatasetFile[];
}): Promise<PublishedDataset> {
  const { name, digest } = manifest;
  const stands = (await store.get({ key: storeKeys.dataset({ name, digest, file: 'manifest.json' }) })) !== null;
  const refs = new Map<string, ArtifactRef>();
  for (const { file, path, sha256, bytes } of files) {
    const key = storeKeys.dataset({ name, digest, file });
    if (!stands) {
      refs.set(file, await store.putFile({ key, path }));
      continue;
    }
    const found = await digestFile({ path: await store.localPath({ key }) });
    const ref = { uri: `store://${key}`, sha256, bytes };
    if (found.sha256 !== sha256)
      throw new PortError(
        'DigestMismatch',
        `${ref.uri}: SHA-256 is ${found.sha256}, expected ${sha256}; remove datasets/${name}/${digest} and prepare again`,
      );
    refs.set(file, ref);
  }
  const body = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8');
  await store.putIfAbsent({ key: storeKeys.dataset({ name, digest, file: 'manifest.json' }), body });
  const { manifest: standing, ref } = await readManifest({ store, name, digest });
  return { refs, manifest: standing, manifestRef: ref };
}

/**
 * Makes a version the latest, unless another run did so since `pointer` was read. A window of time never takes the
 * place of a later one, so that a backfill of past dates leaves the newest where it is.
 * @throws PortError `Conflict` when another run was first.
 */
export async function moveLatest({
  store,
  published,
  window,
  seen,
}: {
  store: Pick<ArtifactStore, 'get' | 'compareAndSet'>;
  published: PublishedDataset;
  window: TimeWindow | null;
  /** What stood there when the run began. */
  seen: { latest: LatestDataset | null; pointer: string | null };
}): Promise<void> {
  const { name, digest, counts } = published.manifest;
  if (seen.latest?.digest === digest) return;
  if (window !== null && seen.latest?.window && seen.latest.window.to > window.to) return;
  const latest: LatestDataset = { digest, rows: counts.published, window, manifest: published.manifestRef };
  const body = Buffer.from(`${JSON.stringify(latest)}\n`, 'utf8');
  const key = storeKeys.latestDataset({ name });
  if ((await store.compareAndSet({ key, body, expected: seen.pointer })) !== null) return;
  const now = await readLatest({ store, name });
  if (now.latest?.digest === digest) return;
  throw new PortError(
    'Conflict',
    `data set ${name}: another run made ${now.latest?.digest ?? 'another version'} the latest since this one began; ` +
      'run again to build on it',
  );
}
