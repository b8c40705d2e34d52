import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Prompt } from '../domain/release/prompt.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import type { Outcome, RequestFor } from './answerer.js';
import { requirePlace, requireScope } from './authentication.js';
import {
  lastQuestion,
  lastQuestionText,
  repeatableOf,
  textsOf,
  withLastQuestion,
  withPrompt,
  withTexts,
} from './chat-messages.js';
import { passThrough, sendStream } from './chat-stream.js';
import type { GatewayContext } from './context.js';
import { beginExchange, defaultModelOf, endWithout, type Exchange } from './exchange.js';
import { GroundedRequest } from './grounded-request.js';
import { guardInput } from './guard-input.js';
import { chatSchemaWith, errorSchema, factsSchema, refusalSchemas, type ChatRequest } from './schemas.js';
import type { Completion } from './completion.js';
import type { ReleaseRequest } from './upstream.js';

type WholeAnswer = Record<string, unknown> & { id: string };

/** `POST /v1/chat/completions`: the same releases for OpenAI's clients, streams passed through. */
export function addChatRoutes({ app, context }: { app: FastifyInstance; context: GatewayContext }): void {
  const schema = {
    tags: ['answers'],
    summary: 'Chat in the form of OpenAI',
    security: [{ apiKey: [] }, { bearer: [] }],
    body: chatSchemaWith(context.settings),
    response: {
      200: {
        description: 'a chat completion, or its chunks as server-sent events',
        content: {
          'application/json': {
            schema: z.looseObject({
              id: z.string(),
              retrieval: factsSchema
                .optional()
                .describe('what the answer rests on, where the release retrieves; a stream gives it in its last chunk'),
            }),
          },
          'text/event-stream': { schema: z.looseObject({ data: z.string().describe('a chunk as JSON, or [DONE]') }) },
        },
      },
      ...refusalSchemas,
      404: errorSchema.describe('the model is not served here'),
    },
  };
  const onRequest = [requireScope({ scope: 'query', bearer: true, ...context }), requirePlace(context)];
  app
    .withTypeProvider<ZodTypeProvider>()
    .post('/v1/chat/completions', { onRequest, schema }, (request, reply) =>
      context.admission.within(() => chat({ context, request, reply, conversation: request.body })),
    );
}

async function chat(input: {
  context: GatewayContext;
  request: FastifyRequest;
  reply: FastifyReply;
  conversation: ChatRequest;
}): Promise<WholeAnswer | void> {
  const { context, request, reply, conversation } = input;
  const { answerer } = context;
  const model =
    conversation.model === undefined || conversation.model === '' ? defaultModelOf(request) : conversation.model;
  const user = conversation.user === '' ? undefined : conversation.user;
  const caller = { context, request, model, user };
  const texts = await guardInput({ field: 'messages', texts: textsOf(conversation.messages), ...caller });
  const body = { ...conversation, messages: withTexts({ messages: conversation.messages, texts }) };
  const question = lastQuestionText(body.messages);
  const grounded = new GroundedRequest({ context, model, question, filters: body.filters });
  const requestFor = (asked: ChatRequest) => groundedRequest({ body: asked, grounded });
  const exchange = beginExchange({
    reply,
    query: lastQuestion(body.messages),
    texts,
    content: () => JSON.stringify(conversation.messages),
    repeatable: repeatableOf({ body, requestFor, otherwiseOf: (target) => grounded.otherwiseOf(target) }),
    ...caller,
  });
  const { id, assignment, cancellation } = exchange;
  const asking = { id, assignment, cancellation, requestFor: requestFor(body) };
  try {
    grounded.check(assignment.target);
    if (body.stream !== true) {
      const outcome = await answerer.answer({ ask: (call) => grounded.complete(call), ...asking });
      sayFound({ reply, grounded, target: outcome.servedBy });
      return await wholeAnswer({ context, exchange, outcome, grounded });
    }
    const outcome = await answerer.answer({ ask: (call) => grounded.stream(call), ...asking });
    exchange.sign(outcome.servedBy);
    sayFound({ reply, grounded, target: outcome.servedBy });
    const chunks = passThrough({ context, exchange, outcome, request, grounded });
    await sendStream({ reply, chunks, takeMilliseconds: context.settings.receiveTimeoutMilliseconds });
  } catch (error) {
    throw endWithout({ exchange, error, request });
  }
}

/** How a release is asked a conversation: as the caller wrote it, or with what was found for its last question. */
const groundedRequest =
  ({ body, grounded }: { body: ChatRequest; grounded: GroundedRequest }): RequestFor =>
  (prompt, target) =>
    grounded.retrieves(target) ? withFacts({ body, grounded, prompt, target }) : withPrompt({ body, prompt });

async function withFacts(input: {
  body: ChatRequest;
  grounded: GroundedRequest;
  prompt: Prompt;
  target: Target;
}): Promise<ReleaseRequest> {
  const { body, grounded, prompt, target } = input;
  const { messages, settings } = await grounded.groundFor({ prompt, target });
  if (settings?.grounding === 'citations') return withPrompt({ body, prompt });
  const asked = withLastQuestion({ messages: body.messages, text: messages.at(-1)!.content });
  return withPrompt({ body: { ...body, messages: asked }, prompt });
}

function sayFound(input: { reply: FastifyReply; grounded: GroundedRequest; target: Target }): void {
  const { reply, grounded, target } = input;
  if (!grounded.retrieves(target)) return;
  void reply.header('x-sources', String(grounded.sourcesOf(target)));
  if (grounded.isDegraded(target)) void reply.header('x-degraded', 'true');
}

async function wholeAnswer(input: {
  context: GatewayContext;
  exchange: Exchange;
  outcome: Outcome<Completion>;
  grounded: GroundedRequest;
}): Promise<WholeAnswer> {
  const { context, exchange, outcome, grounded } = input;
  const { assignment, id } = exchange;
  const { result, servedBy, firstFailure, milliseconds } = outcome;
  const { text, reasoning, promptTokens, completionTokens } = result;
  const verdict = await exchange.guard(text, reasoning);
  if (firstFailure === null)
    context.answerer.count({
      ...{ id, assignment, milliseconds, failure: null },
      ...{ blocked: verdict.action === 'block', degraded: grounded.isDegraded(servedBy) },
    });
  exchange.sign(servedBy);
  const champion = firstFailure === null ? { answer: text, latencyMs: milliseconds } : null;
  const answer = verdict.action === 'pass' ? text : verdict.answer;
  exchange.end({ servedBy, answer, champion, promptTokens, completionTokens, status: 200 });
  const retrieval = grounded.retrieves(servedBy) ? await grounded.factsOf({ target: servedBy, answer }) : undefined;
  const passed = { ...result.body, id, model: assignment.model, ...(retrieval && { retrieval }) };
  if (verdict.action === 'pass') return passed;
  const message = { role: 'assistant', content: answer };
  const finish_reason = verdict.action === 'block' ? 'content_filter' : 'stop';
  return { ...passed, choices: [{ index: 0, message, finish_reason }] };
}
