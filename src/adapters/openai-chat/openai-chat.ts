import { setMaxListeners } from 'node:events';
import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { type ChatMessage, type ChatModel, type ChatReply, PortError } from '../../activities/ports.js';
import { httpFailure, networkFailure } from '../http-failure.js';
import { retrievedDocuments } from './retrieved-documents.js';

export interface OpenAiChatSettings {
  /** Sent to every endpoint; null for endpoints that ask for none. */
  apiKey: string | null;
  /** Of one request, in milliseconds. */
  timeoutMilliseconds?: number;
}

const defaultTimeoutMilliseconds = 120_000;

/** Chat completions of any OpenAI-compatible endpoint. Never retries: Temporal does. */
export class OpenAiChat implements ChatModel {
  readonly #settings: OpenAiChatSettings;
  readonly #clients = new Map<string, OpenAI>();

  constructor(settings: OpenAiChatSettings) {
    this.#settings = settings;
  }

  /** Rejects with the signal's reason once that aborts. */
  async complete({
    endpoint,
    model,
    messages,
    maxTokens,
    temperature,
    signal,
  }: {
    endpoint: string;
    model: string;
    messages: ChatMessage[];
    maxTokens: number;
    temperature: number;
    signal: AbortSignal;
  }): Promise<ChatReply> {
    const what = `${model} at ${endpoint}`;
    const began = performance.now();
    // The library leaves its listener on the signal it is given, and an activity's signal outlives thousands of calls.
    const own = new AbortController();
    const abort = (): void => own.abort(signal.reason);
    setMaxListeners(0, signal);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const answer = await this.#client(endpoint).chat.completions.create(
        { model, messages, max_tokens: maxTokens, temperature },
        { signal: own.signal },
      );
      const message = answer.choices?.[0]?.message;
      const text = message?.content;
      if (typeof text !== 'string') throw new PortError('Unavailable', `${what}: answered without a message`);
      return {
        text,
        promptTokens: answer.usage?.prompt_tokens ?? 0,
        completionTokens: answer.usage?.completion_tokens ?? 0,
        milliseconds: performance.now() - began,
        ...retrievedDocuments(message),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw chatFailure({ what, error });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #client(endpoint: string): OpenAI {
    const known = this.#clients.get(endpoint);
    if (known) return known;
    const client = new OpenAI({
      baseURL: endpoint,
      // The library refuses to start without a key; endpoints that want none ignore it.
      apiKey: this.#settings.apiKey ?? 'none',
      organization: null,
      project: null,
      maxRetries: 0,
      timeout: this.#settings.timeoutMilliseconds ?? defaultTimeoutMilliseconds,
      logLevel: 'off',
    });
    this.#clients.set(endpoint, client);
    return client;
  }
}

function chatFailure({ what, error }: { what: string; error: unknown }): PortError {
  if (error instanceof PortError) return error;
  if (error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError)
    return new PortError('Timeout', `${what}: ${error.message}`, null, { cause: error });
  if (error instanceof APIConnectionError) return networkFailure({ what, error });
  if (error instanceof APIError && error.status !== undefined)
    return httpFailure({
      what,
      status: error.status as number,
      headers: (error.headers as Headers | undefined) ?? new Headers(),
      detail: error.message,
    });
  return new PortError('Unavailable', `${what}: ${error instanceof Error ? error.message : String(error)}`, null, {
    cause: error,
  });
}
