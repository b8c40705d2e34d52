import type { ArtifactRef } from '../../domain/artifact-ref.js';
import type { BatchSpec } from '../../domain/spec/batch-spec.js';
import type { ModelSpec } from '../../domain/spec/model-spec.js';
import { type ArtifactStore, PortError } from '../ports.js';
import { loadSpecification } from '../specifications.js';

/**
 * The spec behind a reference with its batch.
 * @throws PortError as `loadSpecification`, and `InvalidInput` for a spec without a batch
 */
export async function batchOf({
  store,
  ref,
}: {
  store: Pick<ArtifactStore, 'get'>;
  ref: ArtifactRef;
}): Promise<{ spec: ModelSpec; batch: BatchSpec; family: string }> {
  const { spec } = await loadSpecification({ store, ref });
  if (spec.batch !== null) return { spec, batch: spec.batch, family: spec.family ?? spec.model };
  throw new PortError('InvalidInput', `${spec.model}: batch is null; name the source of its reviews in the spec`);
}
