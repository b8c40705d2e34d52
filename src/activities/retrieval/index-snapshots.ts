import { join } from 'node:path';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { withScratch } from '../dataset-scratch.js';
import { PortError, type Ports } from '../ports.js';
import { readJson } from '../stored-json.js';
import type { VectorStore } from '../vector-store-port.js';
import { isStanding, manifestSchema } from './index-manifest.js';

interface Place extends Pick<Ports, 'store'> {
  chunks: VectorStore;
  index: string;
  version: string;
}

const keyOf = ({ index, version }: Pick<Place, 'index' | 'version'>): string =>
  storeKeys.index({ index, version, file: 'snapshot' });

const noSnapshots = (): PortError =>
  new PortError(
    'InvalidInput',
    'this store of chunks makes no snapshots: a knowledge base is its owner to save, and indexes in files are copied with their folder',
  );

/**
 * Copies a version of an index into the artifact store, beside its manifest, where it stays as long as the version does.
 * @throws PortError `InvalidInput` where the store of chunks makes no snapshots, `NotFound` for no such version
 */
export async function saveSnapshot({ store, chunks, index, version }: Place): Promise<ArtifactRef> {
  if (!chunks.saveSnapshot) throw noSnapshots();
  return await withScratch(async (folder) => {
    const path = join(folder, 'snapshot');
    await chunks.saveSnapshot!({ collection: version, path });
    return await store.putFile({ key: keyOf({ index, version }), path });
  });
}

/**
 * Brings a version back that its store has lost. Nothing is switched; a version that stands is left as it is.
 * @throws PortError `Conflict` where the version stands, `NotFound` without a snapshot, `DataRefused` for one that does not
 * hold what the manifest of the version says
 */
export async function restoreSnapshot({ store, chunks, index, version }: Place): Promise<{ chunks: number }> {
  if (!chunks.restoreSnapshot) throw noSnapshots();
  if (await isStanding({ chunks, version }))
    throw new PortError('Conflict', `index version ${version} stands; there is nothing to restore`);
  const manifest = await readJson({
    store,
    key: storeKeys.index({ index, version, file: 'manifest.json' }),
    schema: manifestSchema,
  });
  if (!manifest) throw new PortError('NotFound', `index ${index} has no version ${version}; run understudy index`);
  const path = await store.localPath({ key: keyOf({ index, version }) });
  await chunks.restoreSnapshot({ collection: version, path });
  const expected = Object.values(manifest.documents).reduce((sum, one) => sum + one.chunks, 0);
  const found = await chunks.count({ collection: version });
  if (found === expected) return { chunks: found };
  await chunks.dropCollection({ collection: version });
  throw new PortError(
    'DataRefused',
    `the snapshot of ${version} holds ${found} chunks, expected ${expected}; run understudy index`,
  );
}
