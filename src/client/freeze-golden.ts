import { freezeGoldenVersion } from '../activities/golden-versions.js';
import { type ArtifactStore, PortError } from '../activities/ports.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { SpecificationRefused, type ReadSpecification } from './specification-file.js';

/** Freezes the golden set that a spec names, as the next version of those that stand in the store. */
export async function freezeGolden({
  store,
  golden,
}: {
  store: Pick<ArtifactStore, 'get' | 'list' | 'putIfAbsent'>;
  golden: ReadSpecification['golden'];
}): Promise<ArtifactRef> {
  try {
    const { ref } = await freezeGoldenVersion({ store, ...golden, parent: null });
    return ref;
  } catch (error) {
    if (!(error instanceof PortError) || error.retryable) throw error;
    throw new SpecificationRefused([{ path: 'data.goldenSet', value: golden.version, expected: error.message }]);
  }
}
