import { storeKeys } from '../contracts/store-keys.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { pausedSchema, type Paused } from '../domain/release/lifecycle-state.js';
import type { ArtifactStore, Ports } from './ports.js';
import { readJson } from './stored-json.js';

/** The pause of a model as it was kept; null where there is none. @throws PortError as `readJson`. */
export const readPause = ({
  store,
  model,
}: {
  store: Pick<ArtifactStore, 'get'>;
  model: string;
}): Promise<Paused | null> => readJson({ store, key: storeKeys.pause({ model }), schema: pausedSchema });

/** A pause outlives the lifecycle that it was said to, and Temporal with it. */
export function createPauseActivities({ store, audit }: Pick<Ports, 'store' | 'audit'>) {
  return {
    /** Keeps that a model is paused, or with null that it is not any more. */
    async keepPause({
      model,
      paused,
      by,
      step,
    }: {
      model: string;
      paused: Paused | null;
      /** Who pauses or resumes. */
      by: string;
      /** Names this pause or resumption; a retry says the same. */
      step: string;
    }): Promise<void> {
      const key = storeKeys.pause({ model });
      if (paused) await store.put({ key, body: Buffer.from(canonicalJson(paused)) });
      else await store.remove({ key });
      await audit.append({
        model,
        entry: {
          ...{ key: `pause/${step}`, kind: 'pause', actor: by, releaseId: null, evidenceDigest: null },
          reason: paused ? `paused: ${paused.reason}` : 'resumed',
          details: { paused },
        },
      });
    },
  };
}
