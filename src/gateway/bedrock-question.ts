import { z } from 'zod';
import type { ConverseQuestion } from '../adapters/bedrock/converse-question.js';
import { UpstreamError } from './upstream-error.js';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const content = z.union([z.string(), z.array(textPart).transform((parts) => parts.map(({ text }) => text).join('\n'))]);
const message = z.object({ role: z.enum(['system', 'developer', 'user', 'assistant']), content });

/** What of a chat request Converse can be asked; what is null counts as left out, what says nothing of the answer is dropped. */
const requestSchema = z.strictObject({
  messages: z.array(message).min(1),
  max_tokens: z.number().int().positive().optional(),
  max_completion_tokens: z.number().int().positive().optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  stop: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
  n: z.literal(1).optional(),
  model: z.string().optional(),
  user: z.string().optional(),
  stream: z.boolean().optional(),
  stream_options: z.unknown().optional(),
  metadata: z.unknown().optional(),
});

/**
 * A chat request in OpenAI's form as a question for Converse, which is asked without tools.
 * @throws UpstreamError that is the caller's, naming every field that can't be asked there
 */
export function bedrockQuestion({
  name,
  request,
}: {
  /** Whose question it is. */
  name: string;
  request: Record<string, unknown>;
}): ConverseQuestion {
  const given = Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== null && value !== undefined),
  );
  const read = requestSchema.safeParse(given);
  if (!read.success)
    throw new UpstreamError('status', `${name}: Bedrock can't be asked this: ${z.prettifyError(read.error)}`, 400);
  const { messages, max_tokens, max_completion_tokens, temperature, top_p, stop } = read.data;
  return {
    messages: messages.map(({ role, content: text }) => ({
      role: role === 'developer' ? 'system' : role,
      content: text,
    })),
    maxTokens: max_completion_tokens ?? max_tokens ?? null,
    temperature: temperature ?? null,
    ...(top_p !== undefined && { topP: top_p }),
    ...(stop !== undefined && { stop }),
  };
}
