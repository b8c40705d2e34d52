import { modelOfRelease } from '../contracts/names.js';
import { storeKeys } from '../contracts/store-keys.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { ArtifactStore } from './ports.js';

const hour = 3_600_000;

/**
 * Removes what gateways wrote of users' texts and the spec keeps no longer: hours of the request log, and segments of
 * pairs of the model's shadows. Verdicts rest on neither. Several may do it at once: removing twice is no error.
 * @param retention as in the spec; null keeps everything.
 * @param now milliseconds since 1970.
 */
export async function removeOldLiveTexts({
  store,
  model,
  retention,
  now,
}: {
  store: Pick<ArtifactStore, 'list' | 'remove'>;
  model: string;
  retention: string | null;
  now: number;
}): Promise<{ requests: number; pairs: number }> {
  if (retention === null) return { requests: 0, pairs: 0 };
  const oldest = now - milliseconds(retention);
  return {
    requests: await removeRequests({ store, model, oldest }),
    pairs: await removePairs({ store, model, oldest }),
  };
}

interface Removal {
  store: Pick<ArtifactStore, 'list' | 'remove'>;
  model: string;
  oldest: number;
}

async function removeRequests({ store, model, oldest }: Removal): Promise<number> {
  let removed = 0;
  for await (const { key } of store.list({ prefix: `requests/${model}/` })) {
    const [date, time] = key.split('/').slice(2);
    // Keys come in the order of their times: from the first that is young enough on, all are.
    if (!(Date.parse(`${date}T${time}:00:00Z`) + hour <= oldest)) break;
    await store.remove({ key });
    removed += 1;
  }
  return removed;
}

/** Names of segments say nothing of their age; each is written once, so that the store's time is that of its newest pair. */
async function removePairs({ store, model, oldest }: Removal): Promise<number> {
  let removed = 0;
  for await (const { key, modifiedAt } of store.list({ prefix: storeKeys.allShadowPairs({ model }) })) {
    const isOwn = modelOfRelease(key.split('/')[1] ?? '') === model;
    if (!isOwn || !(Date.parse(modifiedAt) <= oldest)) continue;
    await store.remove({ key });
    removed += 1;
  }
  return removed;
}
