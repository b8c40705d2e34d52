import { type ArtifactStore, PortError } from '../../activities/ports.js';
import type { ResultCache } from '../../activities/result-cache-port.js';
import { storeKeys } from '../../contracts/store-keys.js';
import { parseJson } from '../../domain/parse-json.js';
import { storedSummarySchema, type StoredSummary } from '../../domain/summaries/stored-summary.js';

/** Each lost attempt means that somebody else's write went through, so few are ever needed. */
const attempts = 20;

/** Summaries in the artifact store, one object an item, written by compare-and-set. */
export class StoreResultCache implements ResultCache {
  readonly #store: Pick<ArtifactStore, 'get' | 'compareAndSet' | 'remove'>;
  readonly #now: () => string;

  constructor({
    store,
    now = () => new Date().toISOString(),
  }: {
    store: Pick<ArtifactStore, 'get' | 'compareAndSet' | 'remove'>;
    /** ISO 8601. */
    now?: () => string;
  }) {
    this.#store = store;
    this.#now = now;
  }

  async put({ summary }: { summary: StoredSummary }): Promise<{ written: boolean }> {
    const key = storeKeys.summary(summary);
    const body = Buffer.from(JSON.stringify(summary));
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const stored = await this.#store.get({ key });
      const before = stored && readSummary(stored.body);
      if (before && before.run > summary.run) return { written: false };
      if (await this.#store.compareAndSet({ key, body, expected: stored?.version ?? null })) return { written: true };
    }
    throw new PortError('Conflict', `${key}: somebody else wrote first ${attempts} times`);
  }

  async get({ family, item }: { family: string; item: string }): Promise<StoredSummary | null> {
    const stored = await this.#store.get({ key: storeKeys.summary({ family, item }) });
    const summary = stored && readSummary(stored.body);
    return summary && summary.expiresAt > this.#now() ? summary : null;
  }

  remove({ family, item }: { family: string; item: string }): Promise<void> {
    return this.#store.remove({ key: storeKeys.summary({ family, item }) });
  }
}

/** Null for bytes that are no summary: it is as if there were none, and the next run writes over them. */
function readSummary(body: Uint8Array): StoredSummary | null {
  const parsed = storedSummarySchema.safeParse(parseJson(Buffer.from(body).toString('utf8')));
  return parsed.success ? parsed.data : null;
}
