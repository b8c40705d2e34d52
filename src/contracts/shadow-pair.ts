import { z } from 'zod';

const tokens = z.number().int().min(0);

/** One release's answer to a mirrored request. */
const answeredSchema = z.object({
  release: z.string().min(1),
  answer: z.string(),
  /** Until the whole answer was there; null for a stream, where the speed of the caller would be in it. */
  latencyMs: z.number().min(0).nullable(),
  promptTokens: tokens,
  completionTokens: tokens,
});

/** The challenger did not answer a mirrored request. */
const unansweredSchema = z.object({
  release: z.string().min(1),
  error: z.object({
    /** `refused`: the endpoint says that the request is at fault, although the champion took it. */
    kind: z.enum(['status', 'timeout', 'connection', 'unusable', 'broken', 'refused']),
    message: z.string(),
  }),
  latencyMs: z.number().min(0),
});

/**
 * One request of a user, answered by the champion, and what the challenger made of a copy of it. Personal data is
 * replaced in every text, by the same placeholders throughout the pair.
 */
export const shadowPairSchema = z.object({
  /** When the request came in. */
  at: z.iso.datetime(),
  /** The id of the champion's answer; a pair is sampled by it (`isMirrored`). */
  id: z.string().min(1),
  model: z.string().min(1),
  /** Of the traffic plan that mirrored it. */
  revision: z.number().int().min(1),
  /** Of the sticky key, 0 to 2^20 - 1: pairs of one person belong together and are not independent. */
  bucket: z.number().int().min(0),
  request: z.object({
    /** What the user asked last. */
    query: z.string(),
    /** The conversation as the caller sent it, without the system message that a release adds. */
    messages: z.array(z.object({ role: z.string().min(1), content: z.string() })).min(1),
  }),
  champion: answeredSchema,
  challenger: z.union([answeredSchema, unansweredSchema]),
});
export type ShadowPair = z.infer<typeof shadowPairSchema>;
export type ShadowAnswer = z.infer<typeof answeredSchema>;
export type ShadowFailure = z.infer<typeof unansweredSchema>;
