import { storeKeys } from '../../contracts/store-keys.js';
import type { Target } from '../../domain/rollout/traffic-plan.js';
import { retrievalSpecSchema, type RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { Ports } from '../ports.js';
import { readJson } from '../stored-json.js';

/** How a served release finds facts; null where it serves no index. */
export async function retrievalSettings({
  store,
  target,
}: Pick<Ports, 'store'> & { target: Target }): Promise<RetrievalSpec | null> {
  if (target.indexVersion === null) return null;
  return await readJson({
    store,
    key: storeKeys.retrieval({ releaseId: target.releaseId }),
    schema: retrievalSpecSchema,
  });
}
