import type OpenAI from 'openai';
import { Agent, interceptors } from 'undici';
import { hideSecrets, withoutSecrets, type HideSecrets } from '../../activities/hide-secrets.js';
import type { ChatModel, ChatReply } from '../../activities/ports.js';
import { openAiClient } from '../openai-client.js';
import { withOwnSignal } from '../own-signal.js';
import { completionReply } from './completion-reply.js';
import { completionRequest } from './completion-request.js';
import { openAiFailure } from './openai-failure.js';
import { wholeAnswerFetch } from './whole-answer-fetch.js';

export interface OpenAiChatSettings {
  /** Sent to every endpoint; null for endpoints that ask for none. */
  apiKey: string | null;
  /** Of one request, in milliseconds. */
  timeoutMilliseconds?: number;
  /** Requests under way at once at most; what is asked beyond them waits its turn. No limit where it is absent. */
  connections?: number;
}

const defaultTimeoutMilliseconds = 120_000;
const mostRedirections = 3;

/**
 * Chat completions of any OpenAI-compatible endpoint, over connections that stay open: a judge's questions are many and
 * small. Never retries: Temporal does.
 */
export class OpenAiChat implements ChatModel {
  readonly #settings: OpenAiChatSettings;
  /** What an endpoint says of a key may stand in a verdict's reason. */
  readonly #hide: HideSecrets;
  readonly #clients = new Map<string, OpenAI>();
  readonly #fetch: typeof fetch;

  constructor(settings: OpenAiChatSettings) {
    this.#settings = settings;
    // The client's one limit holds for the whole request; undici's own limits are for parts of it.
    const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connections: settings.connections ?? null });
    const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: mostRedirections }));
    this.#fetch = wholeAnswerFetch({ dispatcher });
    this.#hide = hideSecrets(settings.apiKey === null ? [] : [settings.apiKey]);
  }

  /** Rejects with the signal's reason once that aborts. */
  async complete(asked: Parameters<ChatModel['complete']>[0]): Promise<ChatReply> {
    const { endpoint, model, signal } = asked;
    const what = `${model} at ${endpoint}`;
    const began = performance.now();
    try {
      const request = completionRequest(asked);
      const { completions } = this.#client(endpoint).chat;
      const answer = await withOwnSignal({ what, signal, call: (own) => completions.create(request, { signal: own }) });
      return { milliseconds: performance.now() - began, ...completionReply({ what, answer, asked }) };
    } catch (error) {
      signal.throwIfAborted();
      throw withoutSecrets(openAiFailure({ what, error }), this.#hide);
    }
  }

  #client(endpoint: string): OpenAI {
    const known = this.#clients.get(endpoint);
    if (known) return known;
    const { apiKey, timeoutMilliseconds = defaultTimeoutMilliseconds } = this.#settings;
    const client = openAiClient({ baseUrl: endpoint, apiKey, timeoutMilliseconds, fetch: this.#fetch });
    this.#clients.set(endpoint, client);
    return client;
  }
}
