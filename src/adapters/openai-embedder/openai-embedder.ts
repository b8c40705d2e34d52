import { setTimeout as sleep } from 'node:timers/promises';
import type OpenAI from 'openai';
import pLimit from 'p-limit';
import { z } from 'zod';
import { openAiClient } from '../openai-client.js';
import type { Embedder } from '../../activities/embedder-port.js';
import { hideSecrets, withoutSecrets } from '../../activities/hide-secrets.js';
import { PortError } from '../../activities/ports.js';
import { withOwnSignal } from '../own-signal.js';
import { openAiFailure } from '../openai-chat/openai-failure.js';
import { RequestPace } from './request-pace.js';

export interface OpenAiEmbedderOptions {
  baseUrl: string;
  model: string;
  apiKey: string | null;
  /** Length of a vector, for models that can shorten theirs; null takes the model's own. */
  dimension: number | null;
  requestsPerMinute: number | null;
  timeoutMilliseconds?: number;
  /** Texts of one request. */
  textsPerRequest?: number;
}

/** OpenAI's endpoint takes 2,048 texts; so few keep one request small enough to be done again. */
const defaultTextsPerRequest = 128;
const requestsAtOnce = 4;
/** Endpoints refuse an empty text; a blank is one to them too. */
const nothing = '.';
/** What OpenAI's models read; others cut a longer text or refuse it by a message that names their limit. */
const maximumTokens = 8191;

const replySchema = z.object({
  data: z.array(z.object({ index: z.number().int().min(0), embedding: z.array(z.number()).min(1) })),
});

/**
 * Embeddings of any OpenAI-compatible endpoint: texts in batches, a few requests at once, spaced by the share of the
 * endpoint's limit that this process has. Never retries: Temporal does.
 */
export class OpenAiEmbedder implements Embedder {
  readonly id: string;
  readonly maximumTokens = maximumTokens;
  readonly #options: OpenAiEmbedderOptions;
  readonly #client: OpenAI;
  readonly #pace: RequestPace;
  readonly #limit = pLimit(requestsAtOnce);
  #dimension = 0;

  private constructor(options: OpenAiEmbedderOptions) {
    const { baseUrl, apiKey, model, requestsPerMinute, timeoutMilliseconds = 30_000 } = options;
    this.id = `openai:${model}`;
    this.#options = options;
    this.#pace = new RequestPace({
      requestsPerMinute,
      now: () => performance.now(),
      sleep: async (milliseconds, signal) => void (await sleep(milliseconds, undefined, signal ? { signal } : {})),
    });
    this.#client = openAiClient({ baseUrl, apiKey, timeoutMilliseconds });
  }

  /**
   * Asks the endpoint for one vector, so that its length is known before any text is indexed.
   * @throws PortError as `embed`
   */
  static async open(options: OpenAiEmbedderOptions): Promise<OpenAiEmbedder> {
    const embedder = new OpenAiEmbedder(options);
    const [vector] = await embedder.#ask({ texts: ['dimension'], signal: undefined });
    embedder.#dimension = vector!.length;
    return embedder;
  }

  get dimension(): number {
    return this.#dimension;
  }

  /** @throws PortError of the endpoint, and `InvalidInput` where its vectors have another length than at first */
  async embed({ texts, signal }: { texts: readonly string[]; signal?: AbortSignal }): Promise<Float32Array[]> {
    const { textsPerRequest = defaultTextsPerRequest } = this.#options;
    const starts = Array.from({ length: Math.ceil(texts.length / textsPerRequest) }, (_, at) => at * textsPerRequest);
    const parts = await Promise.all(
      starts.map((start) =>
        this.#limit(async () => await this.#ask({ texts: texts.slice(start, start + textsPerRequest), signal })),
      ),
    );
    return parts.flat();
  }

  async #ask({ texts, signal }: { texts: readonly string[]; signal: AbortSignal | undefined }) {
    const { baseUrl, model, dimension, apiKey } = this.#options;
    const what = `embeddings of ${model} at ${baseUrl}`;
    try {
      await this.#pace.turn(signal);
      signal?.throwIfAborted();
      const request = {
        ...{ model, input: texts.map((text) => (text.trim() === '' ? nothing : text)) },
        ...{ encoding_format: 'float' as const, ...(dimension === null ? {} : { dimensions: dimension }) },
      };
      const reply = await withOwnSignal({
        what,
        signal: signal ?? new AbortController().signal,
        call: (own) => this.#client.embeddings.create(request, { signal: own }),
      });
      return this.#vectorsIn({ what, reply, count: texts.length });
    } catch (error) {
      signal?.throwIfAborted();
      throw withoutSecrets(openAiFailure({ what, error }), hideSecrets(apiKey === null ? [] : [apiKey]));
    }
  }

  #vectorsIn({ what, reply, count }: { what: string; reply: unknown; count: number }): Float32Array[] {
    const read = replySchema.safeParse(reply);
    if (!read.success) throw new PortError('Unavailable', `${what}: the reply holds no vectors`);
    const vectors = new Array<Float32Array | undefined>(count);
    for (const { index, embedding } of read.data.data) vectors[index] = unitVector(embedding);
    const wanted = this.#dimension || this.#options.dimension || vectors[0]?.length;
    for (const [index, vector] of vectors.entries()) {
      if (vector?.length === wanted) continue;
      throw new PortError(
        vector ? 'InvalidInput' : 'Unavailable',
        `${what}: text ${index + 1} of ${count} has ${vector ? `a vector of ${vector.length} numbers, expected ${wanted}; index again, or name the dimension in UNDERSTUDY_EMBEDDING_DIMENSION` : 'no vector'}`,
      );
    }
    return vectors as Float32Array[];
  }
}

/** Of length 1; some endpoints give longer ones, and shortened ones are never of length 1. */
function unitVector(values: readonly number[]): Float32Array {
  let squares = 0;
  for (const value of values) squares += value * value;
  const norm = Math.sqrt(squares) || 1;
  return Float32Array.from(values, (value) => value / norm);
}
