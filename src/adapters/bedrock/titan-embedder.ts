import { InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { z } from 'zod';
import type { Embedder } from '../../activities/embedder-port.js';
import { PortError } from '../../activities/ports.js';
import { parseJson } from '../../domain/parse-json.js';
import type { TitanDimension } from '../../config/retrieval-settings.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { withOwnSignal } from '../own-signal.js';
import { bedrockClients, type BedrockClients } from './clients.js';

const modelId = 'amazon.titan-embed-text-v2:0';
const maximumTokens = 8192;
const maximumCharacters = 50_000;
/** Texts under way at a time: Titan takes one text a request. */
const concurrency = 16;
const timeoutMilliseconds = 30_000;
/** A text that is cut to its share of the tokens may still be a little over, as tokens are no characters. */
const cutMargin = 0.9;
const mostCuts = 4;

const replySchema = z.object({ embedding: z.array(z.number()) });

/**
 * Amazon Titan Text Embeddings V2 on Bedrock, scaled to length 1 (Amazon Bedrock User Guide, "Amazon Titan Text
 * Embeddings models"). Never retries: Temporal does.
 */
export class TitanEmbedder implements Embedder {
  readonly id: string;
  readonly dimension: TitanDimension;
  readonly maximumTokens = maximumTokens;
  readonly #region: string;
  readonly #clients: (region: string) => BedrockClients;

  constructor({
    region,
    dimension = 1024,
    clients = bedrockClients,
  }: {
    region: string;
    dimension?: TitanDimension;
    clients?: (region: string) => BedrockClients;
  }) {
    this.id = `${modelId}/${dimension}`;
    this.dimension = dimension;
    this.#region = region;
    this.#clients = clients;
  }

  async embed({ texts, signal }: { texts: readonly string[]; signal?: AbortSignal }): Promise<Float32Array[]> {
    const ending = new AbortController();
    const both = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
    const vectors = new Array<Float32Array>(texts.length);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < texts.length; at = next++)
        vectors[at] = await this.#embed({ text: texts[at]!, signal: both });
    };
    try {
      await Promise.all(Array.from({ length: Math.min(concurrency, texts.length) }, work));
      return vectors;
    } finally {
      // One text that fails ends the others' calls: they would be paid for nothing.
      ending.abort();
    }
  }

  async #embed({ text, signal }: { text: string; signal: AbortSignal }): Promise<Float32Array> {
    // Titan refuses an empty text; a blank stands for nothing said.
    let shown = text === '' ? ' ' : text.slice(0, maximumCharacters);
    for (let cuts = 0; ; cuts += 1)
      try {
        return await this.#ask({ text: shown, signal });
      } catch (error) {
        const tokens = tooManyTokens(error);
        if (tokens === null || cuts === mostCuts) throw error;
        shown = shown.slice(0, Math.floor(shown.length * Math.min(maximumTokens / tokens, 1) * cutMargin));
      }
  }

  async #ask({ text, signal }: { text: string; signal: AbortSignal }): Promise<Float32Array> {
    const what = `${modelId} in ${this.#region}`;
    const command = new InvokeModelCommand({
      modelId,
      contentType: 'application/json',
      accept: 'application/json',
      body: JSON.stringify({ inputText: text, dimensions: this.dimension, normalize: true }),
    });
    const { body } = await withOwnSignal({
      what,
      signal,
      timeoutMilliseconds,
      call: (abortSignal) =>
        this.#clients(this.#region)
          .runtime.send(command, { abortSignal })
          .catch((error: unknown) => {
            throw awsFailure({ what, error });
          }),
    });
    const read = replySchema.safeParse(parseJson(Buffer.from(body ?? []).toString('utf8')));
    const length = read.data?.embedding.length ?? 0;
    if (length !== this.dimension)
      throw new PortError('Unavailable', `${what}: answered with ${length} numbers, expected ${this.dimension}`);
    return Float32Array.from(read.data!.embedding);
  }
}

/** How many tokens a refused text had; null where it was refused for another reason. */
function tooManyTokens(error: unknown): number | null {
  if (!(error instanceof PortError) || awsErrorOf(error.cause).name !== 'ValidationException') return null;
  const count = /too many input tokens\D*(\d+)\D+(\d+)/i.exec(error.message);
  return count === null ? null : Number(count[2]);
}
