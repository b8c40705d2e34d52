import { storeKeys } from '../contracts/store-keys.js';
import { releaseRecordSchema, type ReleaseRecord } from '../domain/release/release-record.js';
import type { ArtifactStore } from './ports.js';
import { readJson } from './stored-json.js';

/** The record of an ended release; null before it is written. @throws PortError as `readJson`. */
export async function readRecord({
  store,
  releaseId,
}: {
  store: Pick<ArtifactStore, 'get'>;
  releaseId: string;
}): Promise<ReleaseRecord | null> {
  return await readJson({ store, key: storeKeys.record({ releaseId }), schema: releaseRecordSchema });
}
