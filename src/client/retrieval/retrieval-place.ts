import type { Embedder, OpenEmbedder } from '../../activities/embedder-port.js';
import type { ArtifactStore } from '../../activities/ports.js';
import type { VectorStore } from '../../activities/vector-store-port.js';
import { chunkStore } from '../../adapters/chunk-store.js';
import { openEmbedder as embedderBy } from '../../adapters/open-embedder.js';
import { openStore } from '../../adapters/open-store.js';
import type { Settings } from '../../config/settings.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import { evaluationSpecification, type EvaluationSpecification } from '../cli/evaluate/evaluation-specification.js';
import { CannotRun } from '../cli/command-context.js';

/** What the verbs of retrieval work with. */
export interface RetrievalPlace {
  store: ArtifactStore;
  chunks: VectorStore;
  openEmbedder: OpenEmbedder;
  embedder: Embedder;
  specification: EvaluationSpecification;
  settings: RetrievalSpec;
}

/**
 * Reads a spec and opens what its retrieval needs on this machine.
 * @throws CannotRun where the spec retrieves nothing or there is no embedding model
 */
export async function openRetrieval({
  settings,
  spec,
  overlays,
}: {
  settings: Settings;
  spec: string;
  overlays: readonly string[];
}): Promise<RetrievalPlace> {
  const store = openStore({ location: settings.store });
  const specification = await evaluationSpecification({ store, spec, overlays, golden: undefined });
  const { retrieval } = specification.value.spec;
  if (!retrieval) throw new CannotRun(`${spec}: retrieval is null; name an index and the documents in it`);
  const openEmbedder = embedderBy(settings.embedder);
  if (!openEmbedder)
    throw new CannotRun(
      'no embedding model: run "node scripts/setup/main.mjs --only embedding" and set UNDERSTUDY_EMBEDDING_MODEL to the folder that it prints',
    );
  const embedder = await openEmbedder();
  return { store, chunks: await chunkStore(settings), openEmbedder, embedder, specification, settings: retrieval };
}
