import { basename, extname, resolve } from 'node:path';
import type { ArtifactStore } from '../../../activities/ports.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import type { ArtifactRef } from '../../../domain/artifact-ref.js';
import { parseGoldenSet, type GoldenCase } from '../../../domain/dataset/golden.js';
import { canonicalJson, sha256Hex } from '../../../domain/release/evidence.js';
import { specificationSchema, type Specification } from '../../../domain/spec/specification.js';
import { unsupportedParts } from '../../../domain/spec/unsupported.js';
import {
  keepCalibration,
  readSpecificationFile,
  SpecificationRefused,
  type ReadSpecification,
} from '../../specification-file.js';

export interface EvaluationSpecification {
  ref: ArtifactRef;
  value: Specification;
  cases: GoldenCase[];
  /** What makes the golden set weak. */
  warnings: string[];
}

/**
 * A spec with its golden set in the store, as an evaluation reads them. Parts of the spec that have nothing to do with
 * evaluation may be of a later version.
 * @throws SpecificationRefused with every problem of the spec or of the golden set.
 */
export async function evaluationSpecification({
  store,
  spec,
  overlays,
  golden,
}: {
  store: ArtifactStore;
  spec: string;
  overlays: readonly string[];
  /** A file in the place of the spec's golden set. */
  golden: string | undefined;
}): Promise<EvaluationSpecification> {
  const instead = golden === undefined ? [] : [{ name: basename(golden), document: goldenOverlay(golden) }];
  const read = await readSpecificationFile({
    path: spec,
    overlays: [...overlays, ...instead],
    unsupportedOf: (one) => unsupportedParts(one).filter(({ path }) => path.startsWith('evaluation.')),
  });
  const { cases, problems, warnings } = parseGoldenSet({ text: read.golden.body.toString('utf8'), now: null });
  if (problems.length > 0)
    throw new SpecificationRefused(
      problems.map(({ line, field, value, expected }) => ({
        ...{ path: `${read.golden.version}${extname(read.specification.spec.data.goldenSet)}:${line} ${field}`, value },
        expected: `expected ${expected}`,
      })),
    );
  const value = specificationSchema.parse({
    ...read.specification,
    ...(await keepCalibration({ store, ...read })),
    golden: await keepGolden({ store, ...read }),
  });
  const body = Buffer.from(canonicalJson(value));
  const key = storeKeys.specification({ model: value.spec.model, digest: sha256Hex(body) });
  const { ref } = await store.putIfAbsent({ key, body });
  return { ref, value, cases, warnings };
}

const goldenOverlay = (file: string) => ({ data: { goldenSet: resolve(file) } });

/**
 * The frozen version where the bytes are the same. Others are kept by their digest and named by it too: cases in the
 * making must not become a frozen version because somebody tried them.
 */
async function keepGolden({
  store,
  golden: { name, version, body },
}: {
  store: ArtifactStore;
  golden: ReadSpecification['golden'];
}): Promise<Specification['golden']> {
  const frozen = await store.get({ key: storeKeys.golden({ name, version }) });
  const sha256 = sha256Hex(body);
  if (frozen?.ref.sha256 === sha256) return { name, version, ref: frozen.ref };
  const ref = await store.put({ key: storeKeys.unfrozenGolden({ sha256 }), body });
  return { name, version: `${version}-${sha256.slice(0, 8)}`, ref };
}
