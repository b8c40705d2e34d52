import type { ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import { renderPrompt, type Prompt } from '../../domain/release/prompt.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import { PortError, type Ports } from '../ports.js';
import { retrieve } from './retrieve.js';

/** What a release is asked with the facts that were found for it. */
export interface Grounded {
  messages: ReturnType<typeof renderPrompt>;
  found: ScoredChunk[];
  /** The answer that stands in for the model's where nothing was found; null: ask the model. */
  otherwise: string | null;
}

/**
 * Finds the facts of a question in one version of an index and writes them into the prompt. Evaluation, smoke test and
 * gateway ask through this, so that what was measured is what users get.
 * @throws PortError as `retrieve`, and `InvalidInput` where this process has no embedder or no store
 */
export async function ground({
  question,
  prompt,
  retrieval,
  filter = [],
  chunks,
  openEmbedder,
  signal,
}: Pick<Ports, 'chunks' | 'openEmbedder'> & {
  question: string;
  prompt: Prompt;
  /** Null where the release retrieves nothing. */
  retrieval: { settings: RetrievalSpec; indexVersion: string } | null;
  filter?: ChunkFilter;
  signal?: AbortSignal;
}): Promise<Grounded> {
  if (retrieval === null) return { messages: renderPrompt({ prompt, query: question }), found: [], otherwise: null };
  if (!chunks || !openEmbedder)
    throw new PortError(
      'InvalidInput',
      'the release retrieves, and no embedding model is set; run "node scripts/setup/main.mjs --only embedding" and set UNDERSTUDY_EMBEDDING_MODEL',
    );
  const { settings, indexVersion: collection } = retrieval;
  const { found, context } = await retrieve({
    ...{ question, collection, settings, filter, chunks, embedder: await openEmbedder() },
    ...(signal ? { signal } : {}),
  });
  const messages = renderPrompt({ prompt, query: question, context });
  return { messages, found, otherwise: found.length === 0 ? settings.otherwise : null };
}

/** How a release that serves an index version finds facts; null where it serves none. */
export const retrievalOf = ({
  settings,
  indexVersion,
}: {
  settings: RetrievalSpec | null;
  indexVersion: string | null | undefined;
}): { settings: RetrievalSpec; indexVersion: string } | null =>
  settings && indexVersion ? { settings, indexVersion } : null;
