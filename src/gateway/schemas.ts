import { z } from 'zod';

const named = z.string().min(1).max(512);

export const querySchema = z.object({
  query: z
    .string()
    .refine((query) => query.trim() !== '', 'expected a question, received an empty text')
    .describe('what the user asks'),
  user: named.optional().describe('keeps a person on one release'),
  session: named.optional().describe('the same, where there is no user'),
  filters: z.record(z.string(), z.unknown()).optional().describe('limits what is retrieved'),
});

const citationSchema = z.object({
  document: z.string(),
  snippet: z.string(),
  score: z.number(),
  sentence: z.number().int(),
});

export const answerSchema = z.object({
  id: z.string().describe('names this answer in feedback and outcomes'),
  query: z.string(),
  answer: z.string(),
  sources: z.number().int().min(0),
  citations: z.array(citationSchema),
  model: z.string(),
  release: z.string(),
});

export const modelParametersSchema = z.object({ model: named });

const messageSchema = z.looseObject({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish(),
});

/** OpenAI's request; what is not named here passes through untouched. */
export const chatSchema = z.looseObject({
  model: z.string().optional().describe('a model of this gateway; without one, the default model of the API key'),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().optional(),
  user: z.string().optional(),
});
export type ChatRequest = z.infer<typeof chatSchema>;

export const feedbackSchema = z.object({
  id: named,
  rating: z.enum(['up', 'down']),
  comment: z.string().max(10_000).optional(),
});

const counted: readonly string[] = ['request', 'error', 'slow', 'blocked', 'thumbsDown', 'thumbsUp'];

export const outcomeSchema = z
  .object({
    id: named.optional(),
    session: named.optional(),
    kind: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'expected a name of letters, digits, "_" or "-", at most 64')
      .refine((kind) => !counted.includes(kind), `expected none of ${counted.join(', ')}: the gateway counts those`)
      .describe('conversion, return, or a kind of your own'),
    value: z.number().optional(),
    at: z.iso.datetime().optional(),
  })
  .refine(({ id, session }) => id !== undefined || session !== undefined, {
    path: ['id'],
    message: 'expected the id of an answer, or a session',
  });

export const acceptedSchema = z.object({
  counted: z.boolean().describe('false for a repeated statement, or one on an answer that no arm is counted for'),
});

export const errorSchema = z.object({ error: z.string() });
export const healthSchema = z.object({ status: z.literal('ok') });

export const readinessSchema = z.object({
  ready: z.boolean(),
  reason: z.string(),
  plans: z.array(
    z.object({
      model: z.string(),
      revision: z.number().int(),
      champion: z.string(),
      challenger: z.string().nullable(),
      challengerShare: z.number().describe('as it holds now'),
      lapsed: z.boolean(),
      ageMilliseconds: z.number().describe('since the store last confirmed the plan'),
    }),
  ),
});

/** How a request may be refused; every API route says so. */
export const refusalSchemas = {
  400: errorSchema.describe('the request is not understood; names the field'),
  403: errorSchema.describe('no valid API key, or one without the scope'),
  413: errorSchema.describe('the request is too large'),
  429: errorSchema.describe('too many requests; see retry-after'),
  503: errorSchema.describe('no answer now; see retry-after'),
};
