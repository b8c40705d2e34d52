import { z } from 'zod';

const count = z.number().int().min(0);

/** What is measured of one answer of a pair; an arm that did not answer has no words. */
const answerFactsSchema = z.object({
  error: z.string().nullable(),
  empty: z.boolean(),
  refused: z.boolean(),
  words: count,
  /** Null for a stream. */
  latencyMs: z.number().min(0).nullable(),
  promptTokens: count,
  completionTokens: count,
});
export type AnswerFacts = z.infer<typeof answerFactsSchema>;

/** One pair of the shadow as the verdict rests on it, without its texts: `releases/<id>/shadow/rows-*.jsonl`. */
export const shadowRowSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  bucket: count,
  /** Whether it is its sticky key's first pair. Only those count: more of one person say little more. */
  counted: z.boolean(),
  champion: answerFactsSchema,
  challenger: answerFactsSchema,
  /** Word overlap of both answers, F1; null where one of them is missing. */
  similarity: z.number().min(0).max(1).nullable(),
  /** What the judge prefers: 1 the challenger, 0 the champion, 0.5 neither; null where it said nothing. */
  preference: z.number().min(0).max(1).nullable(),
  /** Why there is no preference. */
  preferenceReason: z.string().nullable(),
});
export type ShadowRow = z.infer<typeof shadowRowSchema>;
