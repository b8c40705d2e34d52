import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { ChatModel } from '../ports.js';
import type { Reranker } from '../reranker-port.js';

/** Asks a model one thing. */
export type AskModel = (prompt: string, signal: AbortSignal) => Promise<string>;

/** Whom the steps ask that make retrieval better and that it does without where it must. */
export interface RetrievalHelpers {
  /** For rewrites and for judging. */
  ask?: AskModel | undefined;
  reranker?: Reranker | undefined;
}

/** Enough for five rewrites of a question. */
export const helperTokens = 200;

/** Helpers at the endpoint of a release; `settings.helper` names another model there. */
export const helpersOf = ({
  settings,
  target: { endpoint, adapter },
  chat,
  reranker,
}: {
  settings: RetrievalSpec | null;
  target: { endpoint: string; adapter: string };
  chat: ChatModel;
  reranker: Reranker | undefined;
}): RetrievalHelpers => ({
  reranker,
  ask: async (prompt, signal) => {
    const { text } = await chat.complete({
      endpoint,
      model: settings?.helper ?? adapter,
      messages: [{ role: 'user', content: prompt }],
      maxTokens: helperTokens,
      temperature: 0,
      signal,
    });
    return text;
  },
});
