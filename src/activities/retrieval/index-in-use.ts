import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import { PortError, type Ports } from '../ports.js';

/**
 * The version of a spec's index that is in use, so that a release moves with it; null where the spec retrieves nothing.
 * @throws PortError `InvalidInput` where there is no such index yet
 */
export async function indexInUse({
  chunks,
  retrieval,
}: Pick<Ports, 'chunks'> & { retrieval: RetrievalSpec | null }): Promise<string | null> {
  if (retrieval === null) return null;
  const version = chunks ? (await chunks.describe({ collection: retrieval.index }))?.collection : undefined;
  if (version !== undefined) return version;
  throw new PortError('InvalidInput', `retrieval.index is ${retrieval.index}: no such index yet; run understudy index`);
}
