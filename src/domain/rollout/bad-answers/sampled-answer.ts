import { z } from 'zod';

/** What can be wrong with an answer, as far as rules see it. */
export const answerSigns = ['refusal', 'toxicity', 'language', 'format'] as const;
export type AnswerSign = (typeof answerSigns)[number];

const count = z.number().int().min(0);

/** One answer of the sample as the guard on bad answers rests on it, without its texts: `releases/<id>/canary/answers-*.jsonl`. */
export const sampledAnswerSchema = z.object({
  /** Of the answer. */
  id: z.string(),
  at: z.iso.datetime(),
  revision: z.number().int().min(1),
  arm: z.enum(['champion', 'challenger']),
  bucket: count,
  signs: z.array(z.enum(answerSigns)),
  /** What the judge gave it; null where it gave nothing, or there is none. */
  judged: z.number().nullable(),
  /** Why the judge gave nothing. */
  judgedReason: z.string().nullable(),
  bad: z.boolean(),
});
export type SampledAnswer = z.infer<typeof sampledAnswerSchema>;
