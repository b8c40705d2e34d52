import { storeKeys } from '../../contracts/store-keys.js';
import type { Target } from '../../domain/rollout/traffic-plan.js';
import { retrievalSpecSchema, type RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { Ports } from '../ports.js';

/** How a served release finds facts; null where it serves no index. */
export async function retrievalSettings({
  store,
  target,
}: Pick<Ports, 'store'> & { target: Target }): Promise<RetrievalSpec | null> {
  if (target.indexVersion === null) return null;
  const stored = await store.get({ key: storeKeys.retrieval({ releaseId: target.releaseId }) });
  return stored && retrievalSpecSchema.parse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
}
