import type { AnswerStream, StreamedAnswer } from '../../activities/load/answer-stream-port.js';
import { BedrockConverse, type BedrockConverseSettings } from './bedrock-converse.js';

/** Streamed answers of models on Bedrock, timed from outside. */
export class BedrockStream implements AnswerStream {
  readonly #converse: BedrockConverse;

  constructor(settings: BedrockConverseSettings = {}) {
    this.#converse = new BedrockConverse(settings);
  }

  async ask({
    endpoint,
    model,
    messages,
    maxTokens,
    signal,
  }: Parameters<AnswerStream['ask']>[0]): Promise<StreamedAnswer> {
    const began = performance.now();
    const question = { messages, maxTokens, temperature: 0 };
    let firstTokenMilliseconds: number | null = null;
    let completionTokens = 0;
    for await (const part of this.#converse.stream({ endpoint, model, question, signal }))
      if ('text' in part) firstTokenMilliseconds ??= performance.now() - began;
      else ({ completionTokens } = part);
    return { firstTokenMilliseconds, milliseconds: performance.now() - began, completionTokens };
  }
}
