import { z } from 'zod';
import { UpstreamError } from './upstream-error.js';
import { parseJson } from '../domain/parse-json.js';

const count = z.number().int().min(0).catch(0);
export const usageSchema = z.looseObject({ prompt_tokens: count, completion_tokens: count }).nullish();
/** What a model thought aloud before it answered, by the names that servers have for it. */
export const reasoningFields = { reasoning_content: z.unknown().optional(), reasoning: z.unknown().optional() };

/** Empty where there is none. */
export const reasoningIn = (part: { reasoning_content?: unknown; reasoning?: unknown }): string =>
  [part.reasoning_content, part.reasoning].filter((one) => typeof one === 'string').join('');

const completionSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({
          content: z.string().nullish(),
          tool_calls: z.array(z.unknown()).nullish(),
          ...reasoningFields,
        }),
      }),
    )
    .min(1),
  usage: usageSchema,
});

export interface Completion {
  text: string;
  /** What goes out beside the text, and guardrails look at too. */
  reasoning?: string;
  promptTokens: number;
  completionTokens: number;
  /** The endpoint's whole reply. */
  body: Record<string, unknown>;
}

/**
 * The completion that a reply holds; `name` says whose reply it is.
 * @throws UpstreamError `unusable` where it holds none, or neither text nor a call of tools
 */
export function usableCompletion({ name, text }: { name: string; text: string }): Completion {
  const parsed = completionSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new UpstreamError('unusable', `${name}: the reply is no chat completion: ${text.slice(0, 200)}`);
  const { message } = parsed.data.choices[0]!;
  const answer = message.content ?? '';
  if (answer.trim() === '' && !message.tool_calls?.length)
    throw new UpstreamError('unusable', `${name}: the answer is empty`);
  return {
    text: answer,
    reasoning: reasoningIn(message),
    promptTokens: parsed.data.usage?.prompt_tokens ?? 0,
    completionTokens: parsed.data.usage?.completion_tokens ?? 0,
    body: parsed.data,
  };
}
