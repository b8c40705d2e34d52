import { setMaxListeners } from 'node:events';
import { Agent, errors, interceptors, request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { type ChatMessage, type ChatModel, type ChatReply, PortError } from '../../activities/ports.js';
import { httpFailure, networkFailure } from '../http-failure.js';
import { firstTokensAsked, firstTokensOf } from './first-tokens.js';
import { retrievedDocuments } from './retrieved-documents.js';

export interface OpenAiChatSettings {
  /** Sent to every endpoint; null for endpoints that ask for none. */
  apiKey: string | null;
  /** Of one request, in milliseconds. */
  timeoutMilliseconds?: number;
}

const defaultTimeoutMilliseconds = 120_000;
const mostRedirections = 3;

const tokens = z.number().int().min(0).catch(0);
const completionSchema = z.object({
  model: z.string().min(1).optional().catch(undefined),
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })).min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(null),
});
const refusalSchema = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

interface ChatRequest {
  endpoint: string;
  model: string;
  messages: ChatMessage[];
  maxTokens: number;
  temperature: number;
  signal: AbortSignal;
  firstTokens?: number;
}

/**
 * Chat completions of any OpenAI-compatible endpoint, over connections that stay open: a judge's questions are many and
 * small. Never retries: Temporal does.
 */
export class OpenAiChat implements ChatModel {
  readonly #timeoutMilliseconds: number;
  readonly #headers: Record<string, string>;
  /** One limit holds for the whole request; undici's own limits are for parts of it. */
  readonly #connections = new Agent({ headersTimeout: 0, bodyTimeout: 0 }).compose(
    interceptors.redirect({ maxRedirections: mostRedirections }),
  );

  constructor({ apiKey, timeoutMilliseconds = defaultTimeoutMilliseconds }: OpenAiChatSettings) {
    this.#timeoutMilliseconds = timeoutMilliseconds;
    this.#headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }),
    };
  }

  /** Rejects with the signal's reason once that aborts. */
  async complete(asked: ChatRequest): Promise<ChatReply> {
    const { signal } = asked;
    const what = `${asked.model} at ${asked.endpoint}`;
    const began = performance.now();
    signal.throwIfAborted();
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new PortError('Timeout', `${what}: no answer within ${this.#timeoutMilliseconds} ms`));
    }, this.#timeoutMilliseconds);
    const abort = (): void => limit.abort(signal.reason);
    // Many questions at once share an activity's signal.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { statusCode, headers, body } = await this.#post({ ...asked, signal: limit.signal });
      const text = await body.text();
      if (statusCode >= 300) throw refusal({ what, statusCode, headers, text });
      return { ...replyIn({ ...asked, what, text }), milliseconds: performance.now() - began };
    } catch (error) {
      signal.throwIfAborted();
      throw chatFailure({ what, error });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  #post({
    endpoint,
    model,
    messages,
    maxTokens,
    temperature,
    signal,
    firstTokens,
  }: ChatRequest): Promise<Dispatcher.ResponseData> {
    return request(`${endpoint.replace(/\/+$/, '')}/chat/completions`, {
      ...{ method: 'POST', headers: this.#headers, signal, dispatcher: this.#connections },
      body: JSON.stringify({
        ...{ model, messages, max_tokens: maxTokens, temperature },
        ...firstTokensAsked(firstTokens),
      }),
    });
  }
}

function replyIn({
  what,
  text,
  firstTokens,
}: Pick<ChatRequest, 'firstTokens'> & { what: string; text: string }): Omit<ChatReply, 'milliseconds'> {
  const read = completionSchema.safeParse(parsed(text));
  if (!read.success) throw new PortError('Unavailable', `${what}: answered without a message`);
  const { choices, usage, model } = read.data;
  const { message } = choices[0]!;
  return {
    text: message.content,
    ...(model !== undefined && { model }),
    promptTokens: usage?.prompt_tokens ?? 0,
    completionTokens: usage?.completion_tokens ?? 0,
    ...retrievedDocuments(message),
    ...(firstTokens !== undefined && { firstTokens: firstTokensOf({ what, choice: choices[0] }) }),
  };
}

/** What the endpoint says of its refusal, in OpenAI's form or as it is. */
function refusal({
  what,
  statusCode,
  headers,
  text,
}: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'> & { what: string; text: string }): PortError {
  const read = refusalSchema.safeParse(parsed(text));
  const said = read.success ? read.data.error : text;
  const flat = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return httpFailure({
    what,
    status: statusCode,
    headers: new Headers(flat),
    detail: typeof said === 'string' ? said : said.message,
  });
}

function chatFailure({ what, error }: { what: string; error: unknown }): PortError {
  if (error instanceof errors.ConnectTimeoutError)
    return new PortError('Timeout', `${what}: ${error.message}`, null, { cause: error });
  return networkFailure({ what, error });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
