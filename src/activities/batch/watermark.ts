import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import { artifactRefSchema, refKey } from '../../domain/artifact-ref.js';
import { canonicalJson, sha256Hex } from '../../domain/release/evidence.js';
import { seenItemSchema, type SeenItem } from '../../domain/summaries/seen-item.js';
import { PortError, type ArtifactStore } from '../ports.js';
import { jsonLines, loadJsonLines } from '../stored-json.js';

const watermarkSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  /** Begin of the last run that was done. */
  run: z.iso.datetime(),
  items: artifactRefSchema,
});

export interface Watermark {
  /** Of the stored document; null where there is none. */
  version: string | null;
  /** The last run that was done; null before the first. */
  run: string | null;
  items: Map<string, SeenItem>;
}

const loadItems = async ({ store, body }: { store: ArtifactStore; body: Uint8Array }) => {
  const { run, items } = watermarkSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  const seen = await loadJsonLines({ store, ref: items, schema: seenItemSchema }).catch((error: unknown) => {
    // Another run has moved the watermark since it was read, and removed these.
    const gone = error instanceof PortError && error.type === 'NotFound';
    throw gone ? new PortError('Conflict', error.message, null, { cause: error }) : error;
  });
  return { run, ref: items, items: new Map(seen.map((one) => [one.item, one])) };
};

/** What the runs before have done of a model's items. */
export async function readWatermark({ store, model }: { store: ArtifactStore; model: string }): Promise<Watermark> {
  const stored = await store.get({ key: storeKeys.watermark({ name: model }) });
  if (stored === null) return { version: null, run: null, items: new Map() };
  const { run, items } = await loadItems({ store, body: stored.body });
  return { version: stored.version, run, items };
}

const attempts = 20;

/**
 * Moves the watermark by what `change` makes of the items, by compare-and-set. The same items are not written twice; the
 * file of items before is removed only once nobody can read it through the watermark any more.
 * @throws PortError `Conflict` when others kept being first
 */
export async function moveWatermark({
  store,
  model,
  run,
  change,
}: {
  store: ArtifactStore;
  model: string;
  run: string;
  change: (items: Map<string, SeenItem>) => void;
}): Promise<Watermark> {
  const key = storeKeys.watermark({ name: model });
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await store.get({ key });
    const before = stored && (await loadItems({ store, body: stored.body }));
    const items = before?.items ?? new Map<string, SeenItem>();
    change(items);
    const body = jsonLines([...items.values()].sort((one, other) => (one.item < other.item ? -1 : 1)));
    const seen = await store.putIfAbsent({ key: storeKeys.seenItems({ model, sha256: sha256Hex(body) }), body });
    const latest = before !== null && before.run > run ? before.run : run;
    const document = { version: 1, name: model, run: latest, items: seen.ref };
    const written = await store.compareAndSet({
      key,
      body: Buffer.from(canonicalJson(document)),
      expected: stored?.version ?? null,
    });
    if (written === null) continue;
    if (before !== null && before.ref.sha256 !== seen.ref.sha256) await store.remove({ key: refKey(before.ref) });
    return { version: written.version, run: latest, items };
  }
  throw new PortError('Conflict', `${key}: somebody else wrote first ${attempts} times`);
}
