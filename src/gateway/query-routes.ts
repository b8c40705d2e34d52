import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Target } from '../domain/rollout/traffic-plan.js';
import { replyFormatOf } from '../domain/summaries/reply-format.js';
import type { RequestFor } from './answerer.js';
import { requirePlace, requireScope } from './authentication.js';
import type { GatewayContext } from './context.js';
import { GroundedRequest } from './grounded-request.js';
import { guardInput } from './guard-input.js';
import { modelFor } from './family-model.js';
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
      schema: {
        ...shared,
        summary: 'Ask a model, or the model of a domain in a family',
        params: modelParametersSchema,
        body: querySchema,
      },
    },
    (request, reply) => {
      const { filters } = request.body;
      const model = modelFor({ plans: context.plans, name: request.params.model, filters });
      return context.admission.within(() => answer({ context, request, reply, model, body: request.body }));
    },
  );
  typed.post(
    '/query',
    { onRequest, schema: { ...shared, summary: "Ask the API key's default model", body: querySchema } },
    (request, reply) =>
      context.admission.within(() =>
        answer({ context, request, reply, model: defaultModelOf(request), body: request.body }),
      ),
  );
}

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
  const texts = await guardInput({ field: 'query', texts: [body.query], ...caller });
  const query = texts[0]!;
  const grounded = new GroundedRequest({ context, model, question: query, filters: body.filters });
  const asked: RequestFor = async (prompt, target) => {
    const { messages } = await grounded.groundFor({ prompt, target });
    const request = { messages, max_tokens: prompt.maxTokens, temperature: prompt.temperature };
    return { request, format: replyFormatOf({ prompt, query }) };
  };
  const repeatable = {
    requestFor: asked,
    otherwiseOf: (target: Target) => grounded.otherwiseOf(target),
    messages: [{ role: 'user', content: query }],
  };
  const exchange = beginExchange({ reply, query, texts, content: () => body.query, repeatable, ...caller });
  const { assignment, cancellation, id } = exchange;
  try {
    const { answerer } = context;
    grounded.check(assignment.target);
    const { result, servedBy, firstFailure, milliseconds } = await answerer.answer({
      id,
      assignment,
      requestFor: asked,
      cancellation,
      ask: (call) => grounded.complete(call),
    });
    const verdict = await exchange.guard(result.text);
    if (firstFailure === null) {
      const events = { blocked: verdict.action === 'block', degraded: grounded.isDegraded(servedBy) };
      answerer.count({ id, assignment, milliseconds, failure: null, ...events });
    }
    exchange.sign(servedBy);
    const text = verdict.action === 'pass' ? result.text : verdict.answer;
    const { promptTokens, completionTokens } = result;
    const champion = firstFailure === null ? { answer: result.text, latencyMs: milliseconds } : null;
    exchange.end({ servedBy, answer: text, champion, promptTokens, completionTokens, status: 200 });
    const facts = await grounded.factsOf({ target: servedBy, answer: text });
    return { id, query: body.query, answer: text, ...facts, model, release: servedBy.releaseId };
  } catch (error) {
    throw endWithout({ exchange, error, request });
  }
}
