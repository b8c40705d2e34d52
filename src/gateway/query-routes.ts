import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { renderPrompt, type Prompt } from '../domain/release/prompt.js';
import { requirePlace, requireScope } from './authentication.js';
import type { GatewayContext } from './context.js';
import { guardInput } from './guard-input.js';
import { beginExchange, defaultModelOf, endWithout } from './exchange.js';
import { answerSchema, errorSchema, modelParametersSchema, querySchema, refusalSchemas } from './schemas.js';

/** `POST /models/:model/query` and `POST /query`: a question in, an answer out. */
export function addQueryRoutes({ app, context }: { app: FastifyInstance; context: GatewayContext }): void {
  const onRequest = [requireScope({ scope: 'query', ...context }), requirePlace(context)];
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const response = { 200: answerSchema, ...refusalSchemas, 404: errorSchema.describe('the model is not served here') };
  const shared = { tags: ['answers'], security: [{ apiKey: [] }], response };

  typed.post(
    '/models/:model/query',
    {
      onRequest,
      schema: { ...shared, summary: 'Ask a model', params: modelParametersSchema, body: querySchema },
    },
    (request, reply) => answer({ context, request, reply, model: request.params.model, body: request.body }),
  );
  typed.post(
    '/query',
    { onRequest, schema: { ...shared, summary: "Ask the API key's default model", body: querySchema } },
    (request, reply) => answer({ context, request, reply, model: defaultModelOf(request), body: request.body }),
  );
}

const requestFor = (query: string) => (prompt: Prompt) => ({
  messages: renderPrompt({ prompt, query }),
  max_tokens: prompt.maxTokens,
  temperature: prompt.temperature,
});

async function answer(input: {
  context: GatewayContext;
  request: FastifyRequest;
  reply: FastifyReply;
  model: string;
  body: z.infer<typeof querySchema>;
}): Promise<z.infer<typeof answerSchema>> {
  const { context, request, reply, model, body } = input;
  const { user, session } = body;
  const caller = { context, request, model, user, session };
  const texts = guardInput({ ...caller, field: 'query', texts: [body.query] });
  const query = texts[0]!;
  const asked = requestFor(query);
  const repeatable = { requestFor: asked, messages: [{ role: 'user', content: query }] };
  const exchange = beginExchange({ ...caller, reply, query, texts, content: () => body.query, repeatable });
  const { assignment, cancellation, id } = exchange;
  try {
    const { upstream, answerer } = context;
    const { result, servedBy, firstFailure, milliseconds } = await answerer.answer({
      id,
      assignment,
      requestFor: asked,
      cancellation,
      ask: (call) => upstream.complete(call),
    });
    const verdict = exchange.guard(result.text);
    if (firstFailure === null)
      answerer.count({ id, assignment, milliseconds, failure: null, blocked: verdict.action === 'block' });
    exchange.sign(servedBy);
    const text = verdict.action === 'pass' ? result.text : verdict.answer;
    const { promptTokens, completionTokens } = result;
    const champion = firstFailure === null ? { answer: result.text, latencyMs: milliseconds } : null;
    exchange.end({ servedBy, answer: text, champion, promptTokens, completionTokens, status: 200 });
    return { id, query: body.query, answer: text, sources: 0, citations: [], model, release: servedBy.releaseId };
  } catch (error) {
    throw endWithout({ exchange, error, request });
  }
}
