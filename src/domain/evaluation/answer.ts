import { z } from 'zod';

/** What one arm answered to one golden case; `answer` null is unmeasured and `reason` says why. */
export const answerSchema = z.object({
  id: z.string(),
  answer: z.string().nullable(),
  reason: z.string().nullable(),
  promptTokens: z.number(),
  completionTokens: z.number(),
  milliseconds: z.number(),
});
export type Answer = z.infer<typeof answerSchema>;
