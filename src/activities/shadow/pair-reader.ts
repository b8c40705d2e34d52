import { shadowPairSchema, type ShadowPair } from '../../contracts/shadow-pair.js';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ArtifactStore } from '../ports.js';
import { decodeSegment } from '../segment-file.js';

export interface ReadPairs {
  pairs: ShadowPair[];
  /** Segments that can't be read; they are written once and never mend. */
  corrupt: { key: string; reason: string }[];
}

/** Reads what gateways have written of a challenger's shadow; each segment once, each pair once. */
export function pairReader({
  store,
  releaseId,
  model,
}: {
  store: Pick<ArtifactStore, 'list' | 'get'>;
  releaseId: string;
  model: string;
}): { next: () => Promise<ReadPairs> } {
  const segments = new Set<string>();
  const ids = new Set<string>();

  async function readSegment(key: string): Promise<ShadowPair[]> {
    const stored = await store.get({ key });
    if (!stored) return [];
    const lines = decodeSegment({ body: stored.body });
    return lines.map((line) => shadowPairSchema.parse(JSON.parse(line)));
  }

  return {
    next: async () => {
      const found: ReadPairs = { pairs: [], corrupt: [] };
      for await (const { key } of store.list({ prefix: storeKeys.shadowPairs({ releaseId }) })) {
        if (segments.has(key)) continue;
        segments.add(key);
        const read = await readSegment(key).catch((error: unknown) => {
          found.corrupt.push({ key, reason: (error as Error).message.slice(0, 500) });
          return [];
        });
        for (const pair of read) {
          if (ids.has(pair.id) || pair.model !== model || pair.challenger.release !== releaseId) continue;
          ids.add(pair.id);
          found.pairs.push(pair);
        }
      }
      return found;
    },
  };
}
