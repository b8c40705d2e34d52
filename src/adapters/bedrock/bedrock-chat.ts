import { type ChatModel, type ChatReply, PortError } from '../../activities/ports.js';
import { BedrockConverse, type BedrockConverseSettings } from './bedrock-converse.js';

/** Models on Bedrock as judges and generators. Converse names no log-probabilities. */
export class BedrockChat implements ChatModel {
  readonly #converse: BedrockConverse;

  constructor(settings: BedrockConverseSettings = {}) {
    this.#converse = new BedrockConverse(settings);
  }

  /** Rejects with the signal's reason once that aborts. */
  async complete(asked: Parameters<ChatModel['complete']>[0]): Promise<ChatReply> {
    const { endpoint, model, messages, maxTokens, temperature, firstTokens, signal } = asked;
    const what = `${model} at ${endpoint}`;
    if (firstTokens !== undefined)
      throw new PortError('InvalidInput', `${what}: Bedrock's Converse names no log-probabilities; judge by text`);
    const began = performance.now();
    const question = { messages, maxTokens, temperature };
    const answer = await this.#converse.complete({ endpoint, model, question, signal });
    if (answer.finish === 'content_filter')
      throw new PortError('InvalidInput', `${what}: a filter of Bedrock held the answer back`);
    const { text, promptTokens, completionTokens } = answer;
    return { text, model, promptTokens, completionTokens, milliseconds: performance.now() - began };
  }
}
