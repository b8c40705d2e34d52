import { z } from 'zod';
import { storeKeys } from '../contracts/store-keys.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { pausedSchema, type Paused } from '../domain/release/lifecycle-state.js';
import { PortError, type ArtifactStore, type Ports } from './ports.js';
import { readJson } from './stored-json.js';

/** A pause as it is kept, or with null that there is none; `at` is when that was said, in ISO 8601. */
const keptPauseSchema = z.object({ paused: pausedSchema.nullable(), at: z.iso.datetime() });

const attempts = 20;

/** The pause of a model as it was kept; null where there is none. @throws PortError as `readJson`. */
export async function readPause({
  store,
  model,
}: {
  store: Pick<ArtifactStore, 'get'>;
  model: string;
}): Promise<Paused | null> {
  const kept = await readJson({ store, key: storeKeys.pause({ model }), schema: keptPauseSchema });
  return kept?.paused ?? null;
}

/** Keeps what was said last, whichever is written last: an attempt may land long after it was given up. */
export async function writePause({
  store,
  model,
  paused,
  at,
}: {
  store: Pick<ArtifactStore, 'get' | 'compareAndSet'>;
  model: string;
  paused: Paused | null;
  at: string;
}): Promise<void> {
  const key = storeKeys.pause({ model });
  const body = Buffer.from(canonicalJson({ paused, at }));
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await store.get({ key });
    const kept = await readJson({ store: { get: async () => found }, key, schema: keptPauseSchema });
    if (kept !== null && Date.parse(kept.at) > Date.parse(at)) return;
    if (await store.compareAndSet({ key, body, expected: found?.version ?? null })) return;
  }
  throw new PortError('Conflict', `${key}: ${attempts} attempts lost against other writers`);
}

/** A pause outlives the lifecycle that it was said to, and Temporal with it. */
export function createPauseActivities({ store, audit }: Pick<Ports, 'store' | 'audit'>) {
  return {
    /** Keeps that a model is paused, or with null that it is not any more. */
    async keepPause({
      model,
      paused,
      by,
      at,
      step,
    }: {
      model: string;
      paused: Paused | null;
      /** Who pauses or resumes. */
      by: string;
      /** When they said so, in ISO 8601. */
      at: string;
      /** Names this pause or resumption; a retry says the same. */
      step: string;
    }): Promise<void> {
      await writePause({ store, model, paused, at });
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
