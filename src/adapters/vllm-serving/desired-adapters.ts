import { z } from 'zod';
import { type ArtifactStore, PortError } from '../../activities/ports.js';
import { artifactRefSchema } from '../../domain/artifact-ref.js';

const desiredSchema = z.object({
  releases: z.record(
    z.string(),
    z.object({
      model: z.string().min(1),
      base: z.string().min(1),
      /** Null serves the base. */
      adapter: artifactRefSchema.nullable(),
    }),
  ),
});
export type DesiredReleases = z.infer<typeof desiredSchema>['releases'];

/** Where the releases that should be served are kept, so that a restarted endpoint gets them again. */
export const desiredKey = 'serving/adapters.json';

const attempts = 20;

/** What should be served now. */
export async function readDesired({ store }: { store: ArtifactStore }): Promise<DesiredReleases> {
  return (await find(store)).releases;
}

/** Changes what should be served, by compare-and-set. `change` returns null where there is nothing to change. */
export async function changeDesired({
  store,
  change,
}: {
  store: ArtifactStore;
  change: (releases: DesiredReleases) => DesiredReleases | null;
}): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { releases, version } = await find(store);
    const changed = change(releases);
    if (!changed) return;
    const body = Buffer.from(`${JSON.stringify({ releases: changed }, null, 2)}\n`);
    if (await store.compareAndSet({ key: desiredKey, body, expected: version })) return;
  }
  throw new PortError('Conflict', `${desiredKey}: ${attempts} attempts lost against other writers`);
}

async function find(store: ArtifactStore): Promise<{ releases: DesiredReleases; version: string | null }> {
  const found = await store.get({ key: desiredKey });
  if (!found) return { releases: {}, version: null };
  try {
    const { releases } = desiredSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
    return { releases, version: found.version };
  } catch (error) {
    throw new PortError('InvalidInput', `${desiredKey}: ${(error as Error).message}`, null, { cause: error });
  }
}
