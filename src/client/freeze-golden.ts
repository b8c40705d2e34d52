import type { ArtifactStore } from '../activities/ports.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { sha256Hex } from '../domain/release/evidence.js';
import { SpecificationRefused, type ReadSpecification } from './specification-file.js';

/** Writes a golden set under its version once and for all; the same bytes again are the same version. */
export async function freezeGolden({
  store,
  golden,
}: {
  store: Pick<ArtifactStore, 'putIfAbsent'>;
  golden: ReadSpecification['golden'];
}): Promise<ArtifactRef> {
  const { name, version, body } = golden;
  const { created, ref } = await store.putIfAbsent({ key: storeKeys.golden({ name, version }), body });
  const sha256 = sha256Hex(body);
  if (created || ref.sha256 === sha256) return ref;
  throw new SpecificationRefused([
    {
      path: 'data.goldenSet',
      value: version,
      expected: `the frozen digest ${ref.sha256.slice(0, 12)}, found ${sha256.slice(0, 12)}; a frozen golden set never changes: give the new one a new file name`,
    },
  ]);
}
