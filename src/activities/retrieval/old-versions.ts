import { storeKeys } from '../../contracts/store-keys.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { Ports } from '../ports.js';
import type { VectorStore } from '../vector-store-port.js';
import { heldVersions } from './held-versions.js';

/** A run that has written nothing for so long is not under way any more. */
const givenUpMilliseconds = 24 * 60 * 60 * 1000;

interface StoredVersion {
  version: string;
  keys: string[];
  /** When it was complete; null for one that never was. */
  builtAt: string | null;
  writtenAt: string;
}

/**
 * Drops versions of an index, and what the store holds of them: complete ones beyond those that are kept, served, or
 * needed by a release, and those that a run began and never finished, such as one whose check said no.
 */
export async function dropOldVersions({
  store,
  chunks,
  settings: { index, keepVersions },
  inUse,
}: Pick<Ports, 'store'> & {
  chunks: VectorStore;
  settings: RetrievalSpec;
  /** The version in use, the one before, and those that the traffic plan names. */
  inUse: readonly string[];
}): Promise<void> {
  const versions = await storedVersions({ store, index });
  const complete = versions.filter(({ builtAt }) => builtAt !== null);
  const newest = complete.sort((one, other) => (one.builtAt! < other.builtAt! ? 1 : -1));
  const now = versions.reduce((latest, { writtenAt }) => (writtenAt > latest ? writtenAt : latest), '');
  const needed = [...inUse, ...(await heldVersions({ store, index }))];
  const aliases = await chunks.aliases();
  const kept = new Set([
    ...needed,
    ...needed.flatMap((version) => aliases[version] ?? []),
    ...newest.slice(0, keepVersions).map(({ version }) => version),
  ]);
  const standing = new Set(await chunks.collections());
  for (const { version, keys, builtAt, writtenAt } of versions) {
    const isGivenUp = Date.parse(now) - Date.parse(writtenAt) > givenUpMilliseconds;
    if (kept.has(version) || (builtAt === null && !isGivenUp)) continue;
    if (standing.has(version)) await chunks.dropCollection({ collection: version });
    for (const key of keys) await store.remove({ key });
  }
}

async function storedVersions({ store, index }: Pick<Ports, 'store'> & { index: string }): Promise<StoredVersion[]> {
  const versions = new Map<string, StoredVersion>();
  const prefix = storeKeys.indexes({ index });
  for await (const { key, modifiedAt } of store.list({ prefix })) {
    const [version = '', file] = key.slice(prefix.length).split('/');
    if (!version.startsWith(`${index}-`)) continue;
    const one = versions.get(version) ?? { version, keys: [], builtAt: null, writtenAt: modifiedAt };
    one.keys.push(key);
    if (file === 'manifest.json') one.builtAt = modifiedAt;
    if (modifiedAt > one.writtenAt) one.writtenAt = modifiedAt;
    versions.set(version, one);
  }
  return [...versions.values()];
}
