import { z } from 'zod';
import { type ChatModel, type ChatReply, PortError } from '../../activities/ports.js';
import { parseJson } from '../../domain/parse-json.js';
import { firstTokensOf } from './first-tokens.js';
import { retrievedDocuments } from './retrieved-documents.js';

const tokens = z.number().int().min(0).catch(0);
const completionSchema = z.object({
  model: z.string().min(1).optional().catch(undefined),
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })).min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(null),
});

/**
 * What a chat completion says, as OpenAI's protocol has it.
 * @throws PortError `Unavailable` where it holds no message
 */
export function completionReply({
  what,
  answer,
  asked: { firstTokens, replyFormat },
}: {
  what: string;
  answer: unknown;
  /** By `completionRequest`. */
  asked: Pick<Parameters<ChatModel['complete']>[0], 'firstTokens' | 'replyFormat'>;
}): Omit<ChatReply, 'milliseconds'> {
  // A client reads an answer as text where its type is not said to be JSON.
  const read = completionSchema.safeParse(typeof answer === 'string' ? parseJson(answer) : answer);
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
    ...(replyFormat && { inFormat: true }),
  };
}
