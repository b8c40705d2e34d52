import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Prompt } from '../domain/release/prompt.js';
import type { Outcome } from './answerer.js';
import { requirePlace, requireScope } from './authentication.js';
import { lastQuestion, repeatableOf, textsOf, withPrompt, withTexts } from './chat-messages.js';
import { passThrough, sendStream } from './chat-stream.js';
import type { GatewayContext } from './context.js';
import { beginExchange, defaultModelOf, endWithout, type Exchange } from './exchange.js';
import { guardInput } from './guard-input.js';
import { chatSchemaWith, errorSchema, refusalSchemas } from './schemas.js';
import type { Completion } from './completion.js';

/** `POST /v1/chat/completions`: the same releases for OpenAI's clients, streams passed through. */
export function addChatRoutes({ app, context }: { app: FastifyInstance; context: GatewayContext }): void {
  const { answerer, upstream } = context;
  const schema = {
    tags: ['answers'],
    summary: 'Chat in the form of OpenAI',
    security: [{ apiKey: [] }, { bearer: [] }],
    body: chatSchemaWith(context.settings),
    response: {
      200: {
        description: 'a chat completion, or its chunks as server-sent events',
        content: {
          'application/json': { schema: z.looseObject({ id: z.string() }) },
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
    .post('/v1/chat/completions', { onRequest, schema }, async (request, reply) => {
      const model =
        request.body.model === undefined || request.body.model === '' ? defaultModelOf(request) : request.body.model;
      const user = request.body.user === '' ? undefined : request.body.user;
      const caller = { context, request, model, user };
      const texts = guardInput({ field: 'messages', texts: textsOf(request.body.messages), ...caller });
      const body = { ...request.body, messages: withTexts({ messages: request.body.messages, texts }) };
      const exchange = beginExchange({
        reply,
        query: lastQuestion(body.messages),
        texts,
        content: () => JSON.stringify(request.body.messages),
        repeatable: repeatableOf({ body }),
        ...caller,
      });
      const { id, assignment, cancellation } = exchange;
      const asking = { id, assignment, cancellation, requestFor: (prompt: Prompt) => withPrompt({ body, prompt }) };
      try {
        if (body.stream !== true) {
          const outcome = await answerer.answer({ ask: (call) => upstream.complete(call), ...asking });
          return wholeAnswer({ context, exchange, outcome });
        }
        const outcome = await answerer.answer({ ask: (call) => upstream.stream(call), ...asking });
        exchange.sign(outcome.servedBy);
        return await sendStream({ reply, chunks: passThrough({ context, exchange, outcome, request }) });
      } catch (error) {
        throw endWithout({ exchange, error, request });
      }
    });
}

function wholeAnswer(input: {
  context: GatewayContext;
  exchange: Exchange;
  outcome: Outcome<Completion>;
}): Record<string, unknown> & { id: string } {
  const { context, exchange, outcome } = input;
  const { assignment, id } = exchange;
  const { result, servedBy, firstFailure, milliseconds } = outcome;
  const { text, promptTokens, completionTokens } = result;
  const verdict = exchange.guard(text);
  if (firstFailure === null)
    context.answerer.count({ id, assignment, milliseconds, failure: null, blocked: verdict.action === 'block' });
  exchange.sign(servedBy);
  const champion = firstFailure === null ? { answer: text, latencyMs: milliseconds } : null;
  const answer = verdict.action === 'pass' ? text : verdict.answer;
  exchange.end({ servedBy, answer, champion, promptTokens, completionTokens, status: 200 });
  const passed = { ...result.body, id, model: assignment.model };
  if (verdict.action === 'pass') return passed;
  const message = { role: 'assistant', content: answer };
  const finish_reason = verdict.action === 'block' ? 'content_filter' : 'stop';
  return { ...passed, choices: [{ index: 0, message, finish_reason }] };
}
