import { judgedLookSchema, type JudgedLook } from '../domain/rollout/looks.js';
import { storeKeys } from '../contracts/store-keys.js';
import { jsonLines } from './stored-json.js';
import type { ArtifactStore } from './ports.js';

const segmentLooks = 200;

const segmentKey = ({ releaseId, segment }: { releaseId: string; segment: number }): string =>
  storeKeys.release({ releaseId, file: `canary/looks-${String(segment).padStart(6, '0')}.jsonl` });

/** Every look of a release's watcher, oldest first. */
export async function readLooks({
  store,
  releaseId,
}: {
  store: ArtifactStore;
  releaseId: string;
}): Promise<JudgedLook[]> {
  const looks: JudgedLook[] = [];
  for await (const { key } of store.list({ prefix: storeKeys.release({ releaseId, file: 'canary/looks-' }) })) {
    const stored = await store.get({ key });
    const lines = stored ? Buffer.from(stored.body).toString('utf8').split('\n') : [];
    for (const line of lines) if (line !== '') looks.push(judgedLookSchema.parse(JSON.parse(line)));
  }
  return looks;
}

/**
 * Appends looks in segments, so that each write is small. Everything is on the store before the watcher acts on it: a
 * decision that can't be recomputed would be worth nothing.
 */
export function lookLog({ store, releaseId, known }: { store: ArtifactStore; releaseId: string; known: JudgedLook[] }) {
  const looks = [...known];
  return {
    looks,
    append: async (look: JudgedLook): Promise<void> => {
      looks.push(look);
      const segment = Math.floor((looks.length - 1) / segmentLooks);
      await store.put({
        key: segmentKey({ releaseId, segment }),
        body: jsonLines(looks.slice(segment * segmentLooks)),
      });
    },
  };
}
