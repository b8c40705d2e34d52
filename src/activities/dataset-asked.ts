import type { Prompt, renderPrompt } from '../domain/release/prompt.js';
import type { RetrievalSpec } from '../domain/spec/retrieval-spec.js';
import type { Pulse } from './dataset-input.js';
import type { Ports } from './ports.js';
import { ground, retrievalOf } from './retrieval/ground.js';

/** A question as a release is asked it. */
export type AskedAs = (question: string) => Promise<ReturnType<typeof renderPrompt>>;

/** The version of an index whose snippets stand in the prompt; null where the spec or the caller shows the model none. */
export const shownIndex = ({
  retrieval,
  indexVersion,
}: {
  retrieval: RetrievalSpec | null;
  indexVersion: string | null;
}): string | null => (retrieval?.grounding === 'prompt' ? indexVersion : null);

/**
 * How a release will be asked: in its prompt and with the snippets of the index version that it serves with. A model that
 * learns without snippets learns to answer by heart, and does so beside the right snippet (Zhang et al. 2024, RAFT, section
 * 3). Rewrites and reranking are left out, since they would ask a model about every row.
 * @throws PortError of the store or embedder, when asked
 */
export function askedAs({
  prompt,
  retrieval,
  indexVersion,
  pulse,
  ...ports
}: Pick<Ports, 'chunks' | 'openEmbedder'> & {
  prompt: Prompt;
  retrieval: RetrievalSpec | null;
  /** As `shownIndex` says. */
  indexVersion: string | null;
  pulse: Pulse;
}): AskedAs {
  const shown = retrievalOf({ settings: retrieval, indexVersion });
  let rows = 0;
  return async (question) => {
    if (shown !== null) pulse({ step: 'finding snippets', rows: (rows += 1) });
    return (await ground({ question, prompt, retrieval: shown, ...ports })).messages;
  };
}
