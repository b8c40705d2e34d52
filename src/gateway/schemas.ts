import { z } from 'zod';
import { eventName, gatewayEvents } from '../domain/rollout/event-names.js';

const named = z.string().min(1).max(512);

export const querySchema = z.object({
  query: z.string().regex(/\S/, 'expected a question, received an empty text').describe('what the user asks'),
  user: named.optional().describe('keeps a person on one release'),
  session: named.optional().describe('the same, where there is no user'),
  filters: z.record(z.string(), z.unknown()).optional().describe('limits what is retrieved'),
});

const citationSchema = z.object({
  document: z.string(),
  snippet: z.string(),
  score: z.number(),
  sentence: z.string(),
});

/** What an answer rests on. */
export const factsSchema = z.object({
  sources: z.number().int().min(0).describe('snippets that were found for the question'),
  citations: z.array(citationSchema),
  unsupported: z.array(z.string()).optional().describe('sentences of the answer that stand on no source'),
  degraded: z
    .boolean()
    .optional()
    .describe('true: the sources could not be asked in time, or not in every way that the release wants'),
});

export const answerSchema = z.object({
  id: z.string().describe('names this answer in feedback and outcomes'),
  query: z.string(),
  answer: z.string(),
  ...factsSchema.shape,
  model: z.string(),
  release: z.string(),
});

export const modelParametersSchema = z.object({ model: named });

/** Where media may lie that an endpoint fetches by itself: no files of its machine, and nothing that is asked in plain text. */
const mediaUrl = /^(?:https:\/\/|data:)/i;

/** The addresses that a part of a message names: `image_url: {url}` and its like, as an object or as a text. */
const addressesIn = (part: Readonly<Record<string, unknown>>): unknown[] =>
  ['image_url', 'audio_url', 'video_url']
    .filter((name) => Object.hasOwn(part, name))
    .map((name) => part[name])
    .map((value) => (typeof value === 'object' && value !== null && 'url' in value ? value.url : value));

/** The parts that OpenAI documents for a caller, and vLLM's sounds and films by address. */
const partTypes: readonly string[] = ['text', 'image_url', 'input_audio', 'file', 'audio_url', 'video_url'];

/** An endpoint may know other parts, such as tensors that it unpacks: those are refused by their type. */
const partSchema = z
  .looseObject({
    type: z
      .string()
      .refine((type) => partTypes.includes(type), `expected one of ${partTypes.join(', ')}`)
      .meta({ enum: partTypes }),
    text: z.string().optional(),
  })
  .refine(
    (part) => addressesIn(part).every((url) => typeof url === 'string' && mediaUrl.test(url)),
    'expected addresses that begin with https:// or data:',
  );

const messageSchema = z.looseObject({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(partSchema)]).nullish(),
});

/**
 * OpenAI's request. These parameters pass to the release as they are; any other is refused by its name, since an
 * endpoint may know more than OpenAI documents: another template, other adapters, files of its machine.
 */
const passedParameters = {
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.boolean().nullish(),
  n: z.literal(1).nullish().describe('one answer a request: it is what is guarded, counted and rated'),
  parallel_tool_calls: z.boolean().optional(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  reasoning_effort: z.string().nullish(),
  response_format: z.looseObject({ type: z.string() }).optional(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]).optional(),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
};

/** Parameters of OpenAI's own service, which clients send by habit: accepted, and left out. */
const ownService = ['metadata', 'prompt_cache_key', 'safety_identifier', 'service_tier', 'store', 'verbosity'] as const;

/** Far more than tools and messages need; what is nested as deep as a body allows can't be written as JSON again. */
const mostLevels = 64;

function isNestedWithin({ value, levels }: { value: unknown; levels: number }): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isNestedWithin({ value: inner, levels: levels - 1 }));
}

const chatSchema = z
  .strictObject({
    model: z.string().optional().describe('a model of this gateway; without one, the default model of the API key'),
    messages: z.array(messageSchema).min(1),
    stream: z.boolean().nullish(),
    user: z.string().optional(),
    filters: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('limits what is retrieved, as in /query; no field of OpenAI'),
    max_completion_tokens: z.number().int().positive().nullish(),
    max_tokens: z.number().int().positive().nullish(),
    ...passedParameters,
    ...Object.fromEntries(ownService.map((name) => [name, z.unknown().optional().describe('accepted, and left out')])),
  })
  .refine(
    (body) => isNestedWithin({ value: body, levels: mostLevels }),
    `expected at most ${mostLevels} levels of lists`,
  )
  .describe('parameters that are not listed are refused');
export type ChatRequest = z.infer<typeof chatSchema>;

/** OpenAI's request, with no longer answer asked than `mostTokens`: one answer may keep a release busy only so long. */
export function chatSchemaWith({ mostTokens }: { mostTokens: number }): typeof chatSchema {
  const tokens = z
    .number()
    .int()
    .positive()
    .max(mostTokens, `expected at most ${mostTokens}, which is what this gateway allows`)
    .nullish();
  return chatSchema.safeExtend({ max_completion_tokens: tokens, max_tokens: tokens });
}

const keptHere: readonly string[] = [...ownService, 'filters'];

/** What of a request the release is asked; OpenAI's null leaves a parameter open, as if it were not there. */
export const passedOn = (body: ChatRequest): ChatRequest =>
  Object.fromEntries(
    Object.entries(body).filter(([name, value]) => value !== null && !keptHere.includes(name)),
  ) as ChatRequest;

export const feedbackSchema = z.object({
  id: named,
  rating: z.enum(['up', 'down']),
  comment: z.string().max(10_000).optional(),
});

export const outcomeSchema = z
  .object({
    id: named.optional(),
    session: named.optional(),
    kind: z
      .string()
      .regex(eventName, 'expected a name of letters, digits, "_" or "-", at most 64')
      .refine(
        (kind) => !gatewayEvents.includes(kind),
        `expected none of ${gatewayEvents.join(', ')}: the gateway counts those`,
      )
      .describe('conversion, return, or a kind of your own')
      .meta({ not: { enum: gatewayEvents } }),
    value: z.number().optional(),
    at: z.iso.datetime().optional(),
  })
  .refine(({ id, session }) => id !== undefined || session !== undefined, {
    path: ['id'],
    message: 'expected the id of an answer, or a session',
  })
  .meta({ anyOf: [{ required: ['id'] }, { required: ['session'] }] });

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
