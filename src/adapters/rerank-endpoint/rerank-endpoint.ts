import { request } from 'undici';
import { z } from 'zod';
import { hideSecrets, withoutSecrets } from '../../activities/hide-secrets.js';
import { PortError } from '../../activities/ports.js';
import type { Reranker } from '../../activities/reranker-port.js';
import { parseJson } from '../../domain/parse-json.js';
import { httpFailure, networkFailure } from '../http-failure.js';
import { plainHeaders } from '../plain-headers.js';

const replySchema = z.object({
  results: z.array(z.object({ index: z.number().int().min(0), relevance_score: z.number() })),
});
const defaultTimeoutMilliseconds = 10_000;

/**
 * Cross-encoders behind `POST /rerank`, as vLLM, Jina and Cohere document it: `{model, query, documents}` in,
 * `{results: [{index, relevance_score}]}` out.
 */
export class RerankEndpoint implements Reranker {
  readonly #apiKey: string | null;
  readonly #timeoutMilliseconds: number;

  constructor({ apiKey, timeoutMilliseconds }: { apiKey: string | null; timeoutMilliseconds?: number }) {
    this.#apiKey = apiKey;
    this.#timeoutMilliseconds = timeoutMilliseconds ?? defaultTimeoutMilliseconds;
  }

  async score({ endpoint, model, question, texts, signal }: Parameters<Reranker['score']>[0]): Promise<number[]> {
    const what = `${model} at ${endpoint}`;
    const limit = AbortSignal.timeout(this.#timeoutMilliseconds);
    try {
      const { statusCode, headers, body } = await request(`${endpoint.replace(/\/+$/, '')}/rerank`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(this.#apiKey === null ? {} : { authorization: `Bearer ${this.#apiKey}` }),
        },
        body: JSON.stringify({ model, query: question, documents: texts, top_n: texts.length }),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      const text = await body.text();
      if (statusCode >= 400)
        throw httpFailure({ what, status: statusCode, headers: plainHeaders(headers), detail: text });
      return scoresIn({ what, text, count: texts.length });
    } catch (error) {
      signal?.throwIfAborted();
      if (limit.aborted) throw new PortError('Timeout', `${what}: no answer in ${this.#timeoutMilliseconds} ms`);
      throw withoutSecrets(networkFailure({ what, error }), hideSecrets(this.#apiKey === null ? [] : [this.#apiKey]));
    }
  }
}

function scoresIn({ what, text, count }: { what: string; text: string; count: number }): number[] {
  const read = replySchema.safeParse(parseJson(text));
  if (!read.success) throw new PortError('Unavailable', `${what}: the reply holds no scores`);
  const scores = new Array<number | undefined>(count);
  for (const { index, relevance_score: score } of read.data.results) scores[index] = score;
  const missing = Array.from(scores).findIndex((score) => score === undefined);
  if (missing !== -1 || scores.length > count)
    throw new PortError(
      'Unavailable',
      `${what}: scored ${read.data.results.length} texts, expected each of ${count} once`,
    );
  return scores as number[];
}
