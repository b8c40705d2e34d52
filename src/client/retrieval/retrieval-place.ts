import type { Embedder, OpenEmbedder } from '../../activities/embedder-port.js';
import type { ArtifactStore } from '../../activities/ports.js';
import { helpersOf, type RetrievalHelpers } from '../../activities/retrieval/retrieval-helpers.js';
import type { VectorStore } from '../../activities/vector-store-port.js';
import { chunkStore } from '../../adapters/chunk-store.js';
import { openEmbedder as embedderBy } from '../../adapters/open-embedder.js';
import { OpenAiChat } from '../../adapters/openai-chat/openai-chat.js';
import { openStore } from '../../adapters/open-store.js';
import { RerankEndpoint } from '../../adapters/rerank-endpoint/rerank-endpoint.js';
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
  /** Whom rewrites and reranking ask; no model where no endpoint is named. */
  helpers: RetrievalHelpers;
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
  const chunks = await chunkStore(settings);
  const helpers = helpersBy({ settings, retrieval, base: specification.value.spec.base.id });
  return { store, chunks, openEmbedder, embedder, specification, settings: retrieval, helpers };
}

/** A release is not at hand here: the base model of the spec stands in where it names no helper. */
function helpersBy({
  settings: { endpoint, rerankApiKey },
  retrieval,
  base,
}: {
  settings: Settings;
  retrieval: RetrievalSpec;
  base: string;
}): RetrievalHelpers {
  const reranker = new RerankEndpoint({ apiKey: rerankApiKey?.reveal() ?? null });
  if (endpoint.baseUrl === null) return { reranker };
  const chat = new OpenAiChat({ apiKey: endpoint.apiKey?.reveal() ?? null });
  const target = { endpoint: endpoint.baseUrl, adapter: base };
  return helpersOf({ settings: retrieval, target, chat, reranker });
}
