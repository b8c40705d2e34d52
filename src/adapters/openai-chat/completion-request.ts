import type { ChatModel } from '../../activities/ports.js';
import { firstTokensAsked } from './first-tokens.js';
import { formatAsked } from './response-format.js';

/**
 * The body that asks for a chat completion, as OpenAI's protocol has it: one for all who speak it, so that a release is
 * asked the same wherever it answers. Its order is part of the digests by which questions that can wait are known.
 */
export const completionRequest = ({
  model,
  messages,
  maxTokens,
  temperature,
  firstTokens,
  replyFormat,
}: Parameters<ChatModel['complete']>[0]) => ({
  ...{ model, messages, max_tokens: maxTokens, temperature },
  ...firstTokensAsked(firstTokens),
  ...formatAsked(replyFormat),
});
