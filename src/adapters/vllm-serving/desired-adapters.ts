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
export type DesiredRelease = DesiredReleases[string];

/** Where the releases that should be served are kept, so that a restarted endpoint gets them again. */
export const desiredKey = 'serving/adapters.json';

const attempts = 20;

/** A list of what should be served: `key` names one beside the platform's own. */
export interface DesiredList {
  store: ArtifactStore;
  key?: string;
}

/** What should be served now. */
export async function readDesired({ store, key = desiredKey }: DesiredList): Promise<DesiredReleases> {
  return (await find({ store, key })).releases;
}

/** One release as it should be served; null where it should not. */
export async function readDesiredRelease({
  releaseId,
  ...list
}: DesiredList & { releaseId: string }): Promise<DesiredRelease | null> {
  return own(await readDesired(list), releaseId);
}

/** The ids of a model's releases that should be served. */
export async function desiredOf({ model, ...list }: DesiredList & { model: string }): Promise<string[]> {
  const releases = Object.entries(await readDesired(list));
  return releases.filter(([, release]) => release.model === model).map(([releaseId]) => releaseId);
}

/** Writes down that a release should be served. `replaces`: under its name stood another adapter. */
export async function addDesired({
  releaseId,
  release,
  ...list
}: DesiredList & { releaseId: string; release: DesiredRelease }): Promise<{ replaces: boolean }> {
  let replaces = false;
  await changeDesired({
    ...list,
    change: (releases) => {
      const before = own(releases, releaseId);
      replaces = before?.adapter != null && before.adapter.sha256 !== release.adapter?.sha256;
      if (before && before.adapter?.sha256 === release.adapter?.sha256) return null;
      return { ...releases, [releaseId]: release };
    },
  });
  return { replaces };
}

/** Writes down that a release should be served no more, and returns what should be from now on. */
export async function removeDesired({
  releaseId,
  ...list
}: DesiredList & { releaseId: string }): Promise<DesiredReleases> {
  let rest: DesiredReleases = {};
  await changeDesired({
    ...list,
    change: (releases) => {
      rest = Object.fromEntries(Object.entries(releases).filter(([id]) => id !== releaseId));
      return Object.hasOwn(releases, releaseId) ? rest : null;
    },
  });
  return rest;
}

/** Changes what should be served, by compare-and-set. `change` returns null where there is nothing to change. */
async function changeDesired({
  store,
  key = desiredKey,
  change,
}: DesiredList & { change: (releases: DesiredReleases) => DesiredReleases | null }): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { releases, version } = await find({ store, key });
    const changed = change(releases);
    if (!changed) return;
    const body = Buffer.from(`${JSON.stringify({ releases: changed }, null, 2)}\n`);
    if (await store.compareAndSet({ key, body, expected: version })) return;
  }
  throw new PortError('Conflict', `${key}: ${attempts} attempts lost against other writers`);
}

async function find({
  store,
  key,
}: Required<DesiredList>): Promise<{ releases: DesiredReleases; version: string | null }> {
  const found = await store.get({ key });
  if (!found) return { releases: {}, version: null };
  try {
    const { releases } = desiredSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
    return { releases, version: found.version };
  } catch (error) {
    throw new PortError('InvalidInput', `${key}: ${(error as Error).message}`, null, { cause: error });
  }
}

const own = (releases: DesiredReleases, releaseId: string): DesiredRelease | null =>
  Object.hasOwn(releases, releaseId) ? releases[releaseId]! : null;
