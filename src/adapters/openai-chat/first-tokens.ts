import { z } from 'zod';
import { PortError, type ChatReply } from '../../activities/ports.js';

/** Where OpenAI, vLLM and endpoints like them name the alternatives of each token. */
const choiceSchema = z.object({
  logprobs: z.object({
    content: z
      .array(z.object({ top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })).min(1) }))
      .min(1),
  }),
});

/** What asks for so many of them; nothing where none are wanted. */
export const firstTokensAsked = (count: number | undefined) =>
  count === undefined ? {} : { logprobs: true, top_logprobs: count };

/**
 * The likeliest first tokens of a reply.
 * @throws PortError `InvalidInput` where the endpoint names none: it will name none for any question.
 */
export function firstTokensOf({
  what,
  choice,
}: {
  what: string;
  choice: unknown;
}): NonNullable<ChatReply['firstTokens']> {
  const read = choiceSchema.safeParse(choice);
  if (!read.success)
    throw new PortError(
      'InvalidInput',
      `${what}: named no log-probabilities; expected an endpoint that knows logprobs`,
    );
  return read.data.logprobs.content[0]!.top_logprobs.map(({ token, logprob }) => ({ token, logProbability: logprob }));
}
