import type { ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import type { Answer } from '../../domain/evaluation/answer.js';
import { renderPrompt, type Prompt } from '../../domain/release/prompt.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import { PortError, type Ports } from '../ports.js';
import type { RetrievalHelpers } from './retrieval-helpers.js';
import { retrieve } from './retrieve.js';

/** What a release is asked with the facts that were found for it. */
export interface Grounded {
  messages: ReturnType<typeof renderPrompt>;
  found: ScoredChunk[];
  /** The answer that stands in for the model's where nothing was found; null: ask the model. */
  otherwise: string | null;
  /** Steps of retrieval that were done without, each with the reason. */
  leftOut: string[];
}

/**
 * Finds the facts of a question in one version of an index and writes them into the prompt, where the spec wants them
 * there. Evaluation, smoke test and gateway ask through this, so that what was measured is what users get.
 * @throws PortError as `retrieve`, and `InvalidInput` where this process has no embedder or no store
 */
export async function ground({
  question,
  prompt,
  retrieval,
  chunks,
  openEmbedder,
  ...rest
}: Pick<Ports, 'chunks' | 'openEmbedder'> & {
  question: string;
  prompt: Prompt;
  /** Null where the release retrieves nothing. */
  retrieval: { settings: RetrievalSpec; indexVersion: string } | null;
  filter?: ChunkFilter;
  helpers?: RetrievalHelpers;
  budgetMilliseconds?: number;
  signal?: AbortSignal;
}): Promise<Grounded> {
  const plain = renderPrompt({ prompt, query: question });
  if (retrieval === null) return { messages: plain, found: [], otherwise: null, leftOut: [] };
  if (!chunks || !openEmbedder)
    throw new PortError(
      'InvalidInput',
      'the release retrieves, and no embedding model is set; run "node scripts/setup/main.mjs --only embedding" and set UNDERSTUDY_EMBEDDING_MODEL',
    );
  const { settings, indexVersion: collection } = retrieval;
  const { found, context, leftOut } = await retrieve({
    ...{ question, collection, settings, chunks, embedder: await openEmbedder() },
    ...rest,
  });
  const shown = settings.grounding === 'prompt';
  const messages = shown ? renderPrompt({ prompt, query: question, context }) : plain;
  return { messages, found, otherwise: found.length === 0 ? settings.otherwise : null, leftOut };
}

/** The documents of what was found, as an answer names them; nothing where nobody looked. */
export const foundDocuments = ({
  retrieval,
  found,
}: Pick<Grounded, 'found'> & { retrieval: object | null }): Pick<Answer, 'documents'> =>
  retrieval === null ? {} : { documents: found.map(({ chunk }) => ({ id: chunk.document, text: chunk.text })) };

/** How a release that serves an index version finds facts; null where it serves none. */
export const retrievalOf = ({
  settings,
  indexVersion,
}: {
  settings: RetrievalSpec | null;
  indexVersion: string | null | undefined;
}): { settings: RetrievalSpec; indexVersion: string } | null =>
  settings && indexVersion ? { settings, indexVersion } : null;
