import { Agent, request } from 'undici';
import type { AnswerStream, StreamedAnswer } from '../../activities/load/answer-stream-port.js';
import { PortError } from '../../activities/ports.js';
import { httpFailure, networkFailure } from '../http-failure.js';
import { plainHeaders } from '../plain-headers.js';
import { readSse } from './read-sse.js';
import { formatAsked } from './response-format.js';

/**
 * Streamed chat completions of any OpenAI-compatible endpoint, timed from outside. Every request may have a connection
 * of its own: one that waits for a free connection would hide that the endpoint is slow.
 */
export class OpenAiStream implements AnswerStream {
  readonly #apiKey: string | null;
  readonly #agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

  constructor({ apiKey }: { apiKey: string | null }) {
    this.#apiKey = apiKey;
  }

  async ask({
    endpoint,
    model,
    messages,
    maxTokens,
    replyFormat,
    signal,
  }: Parameters<AnswerStream['ask']>[0]): Promise<StreamedAnswer> {
    const what = `${model} at ${endpoint}`;
    const began = performance.now();
    try {
      const { statusCode, headers, body } = await request(`${endpoint.replace(/\/+$/, '')}/chat/completions`, {
        dispatcher: this.#agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(this.#apiKey === null ? {} : { authorization: `Bearer ${this.#apiKey}` }),
        },
        body: JSON.stringify({
          ...{ model, messages, max_tokens: maxTokens, temperature: 0, stream: true },
          stream_options: { include_usage: true },
          ...formatAsked(replyFormat),
        }),
        signal,
      });
      if (statusCode >= 400) {
        throw httpFailure({ what, status: statusCode, headers: plainHeaders(headers), detail: await body.text() });
      }
      const { firstWordAt, words, completionTokens, done } = await readSse({
        chunks: body,
        now: () => performance.now(),
      });
      if (!done) throw new PortError('Unavailable', `${what}: the stream broke off after ${words} chunks`);
      return {
        firstTokenMilliseconds: firstWordAt === null ? null : firstWordAt - began,
        milliseconds: performance.now() - began,
        completionTokens: completionTokens ?? words,
      };
    } catch (error) {
      throw networkFailure({ what, error });
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}
