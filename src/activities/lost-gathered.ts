import type { Gathered } from '../contracts/recording.js';
import type { ReleaseInput } from '../contracts/release.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Ports } from './ports.js';

/** What a release whose workflow is gone serves with: the candidate's adapter, or what its own training has stored. */
export async function adapterOfLost({
  store,
  input: { releaseId, candidate },
}: Pick<Ports, 'store'> & { input: ReleaseInput }): Promise<ArtifactRef | null> {
  if (candidate) return candidate.adapter;
  const manifest = await store.get({ key: storeKeys.release({ releaseId, file: 'adapter/adapter-files.json' }) });
  return manifest?.ref ?? null;
}

/**
 * What can still be learned of a release whose workflow is gone. Its version may be asked for by name, so that its record
 * has to say what that serves with.
 */
export async function gatherLost({
  store,
  registry,
  input,
}: Pick<Ports, 'store' | 'registry'> & { input: ReleaseInput }): Promise<Gathered> {
  const { model, releaseId } = input;
  return {
    ...{ dataset: null, training: null, evaluated: null, rolledOut: null, target: null },
    adapter: await adapterOfLost({ store, input }),
    version: (await registry.versionOf({ model, releaseId }))?.version ?? null,
  };
}
