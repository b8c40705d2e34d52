import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import { withdrawnLater } from '../../domain/release/release-record.js';
import { releaseNumber } from '../../domain/release/remains.js';
import { isHoldNeeded, type HoldEnding, type VersionHold } from '../../domain/retrieval/version-hold.js';
import { PortError, type Ports } from '../ports.js';
import { readRecord } from '../read-record.js';
import { readJson } from '../stored-json.js';

const holdSchema: z.ZodType<VersionHold> = z.object({
  model: z.string(),
  releaseId: z.string(),
  number: z.number().int(),
  version: z.string(),
  keepReleases: z.number().int(),
});

type Store = Pick<Ports, 'store'>;

/**
 * Says that a release serves a version, or may: it is not dropped before the release has ended, nor while the model can go
 * back to it, however often the index is renewed meanwhile.
 */
export async function holdVersion({
  store,
  index,
  model,
  releaseId,
  version,
  keepReleases,
}: Store & { index: string } & Omit<VersionHold, 'number'>): Promise<void> {
  const number = releaseNumber({ model, releaseId }) ?? 0;
  const hold: VersionHold = { model, releaseId, number, version, keepReleases };
  await store.put({ key: storeKeys.indexHold({ index, releaseId }), body: Buffer.from(JSON.stringify(hold)) });
}

/** The versions of an index that releases of any model need; holds that nobody needs any more are removed. */
export async function heldVersions({ store, index }: Store & { index: string }): Promise<string[]> {
  const needed: string[] = [];
  const found: { key: string; hold: VersionHold; ending: HoldEnding }[] = [];
  for await (const { key } of store.list({ prefix: storeKeys.indexHolds({ index }) })) {
    const hold = await readJson({ store, key, schema: holdSchema });
    if (!hold) continue;
    try {
      const record = await readRecord({ store, releaseId: hold.releaseId });
      // A champion that a rollback took users off can be gone back to.
      const withdrawn = record !== null && record.withdrawnAt !== null && !withdrawnLater(record);
      const ending = record && { outcome: record.outcome, withdrawn };
      found.push({ key, hold, ending });
    } catch (error) {
      if (!(error instanceof PortError) || error.type !== 'InvalidInput') throw error;
      // What can't be read says nothing against the version.
      needed.push(hold.version);
    }
  }
  for (const { key, hold, ending } of found) {
    const later = found
      .filter(({ hold: { model, number } }) => model === hold.model && number > hold.number)
      .map((one) => one.ending);
    if (isHoldNeeded({ hold, ending, later })) needed.push(hold.version);
    else await store.remove({ key });
  }
  return needed;
}
