import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { DatasetManifest } from '../domain/dataset/manifest.js';
import { readLatest, readManifest } from './dataset-publishing.js';
import { type ArtifactStore, PortError } from './ports.js';

const shownVersions = 10;

/** Digests of the versions of a data set that are complete, in their order. */
export async function versionsOf({
  store,
  name,
}: {
  store: Pick<ArtifactStore, 'list'>;
  name: string;
}): Promise<string[]> {
  const digests: string[] = [];
  const pattern = /^datasets\/.+\/([0-9a-f]{64})\/manifest\.json$/;
  for await (const { key } of store.list({ prefix: `datasets/${name}/` })) {
    const digest = pattern.exec(key)?.[1];
    if (digest !== undefined) digests.push(digest);
  }
  return digests;
}

/**
 * A version of a data set by the first characters of its digest, or the latest.
 * @throws PortError `NotFound` where there is none or several begin so, naming those that there are.
 */
export async function findVersion({
  store,
  name,
  version,
}: {
  store: Pick<ArtifactStore, 'get' | 'list'>;
  name: string;
  /** Null for the latest. */
  version: string | null;
}): Promise<{ manifest: DatasetManifest; ref: ArtifactRef; isLatest: boolean }> {
  const { latest } = await readLatest({ store, name });
  if (version === null) {
    if (latest === null) throw new PortError('NotFound', `data set ${name}: no version is published in this store`);
    return { ...(await readManifest({ store, name, digest: latest.digest })), isLatest: true };
  }
  const digests = await versionsOf({ store, name });
  const found = digests.filter((digest) => digest.startsWith(version));
  if (found.length === 1)
    return { ...(await readManifest({ store, name, digest: found[0]! })), isLatest: found[0] === latest?.digest };
  const listed = digests.slice(0, shownVersions).map((digest) => digest.slice(0, 12));
  throw new PortError(
    'NotFound',
    `data set ${name}: ${found.length} versions begin with "${version}"; there are ${listed.join(', ') || 'none'}`,
  );
}
