import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { RequestFor } from './answerer.js';
import { requirePlace, requireScope } from './authentication.js';
import type { GatewayContext } from './context.js';
import type { GatewayGround } from './grounding.js';
import { guardInput } from './guard-input.js';
import { modelFor } from './family-model.js';
import { beginExchange, defaultModelOf, endWithout } from './exchange.js';
import type { ModelState } from './plan-reader.js';
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
      return answer({ context, request, reply, model, body: request.body });
    },
  );
  typed.post(
    '/query',
    { onRequest, schema: { ...shared, summary: "Ask the API key's default model", body: querySchema } },
    (request, reply) => answer({ context, request, reply, model: defaultModelOf(request), body: request.body }),
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
  const texts = guardInput({ field: 'query', texts: [body.query], ...caller });
  const query = texts[0]!;
  const state = context.plans.state(model);
  const grounds = new Map<string, GatewayGround>();
  const asked: RequestFor = async (prompt, target) => {
    const filter = context.grounding.filterOf({ state, target, filters: body.filters });
    const ground = await context.grounding.ground({ state, target, prompt, question: query, filter });
    grounds.set(target.releaseId, ground);
    return { messages: ground.messages, max_tokens: prompt.maxTokens, temperature: prompt.temperature };
  };
  const repeatable = { requestFor: asked, messages: [{ role: 'user', content: query }] };
  const exchange = beginExchange({ reply, query, texts, content: () => body.query, repeatable, ...caller });
  const { assignment, cancellation, id } = exchange;
  try {
    const { upstream, answerer, grounding } = context;
    // What does not fit is the caller's to mend: nothing is counted against a release.
    grounding.filterOf({ state, target: assignment.target, filters: body.filters });
    const { result, servedBy, firstFailure, milliseconds } = await answerer.answer({
      id,
      assignment,
      requestFor: asked,
      cancellation,
      ask: async (call) => {
        const { otherwise } = grounds.get(call.target.releaseId)!;
        if (otherwise === null) return await upstream.complete(call);
        return { text: otherwise, promptTokens: 0, completionTokens: 0, body: {} };
      },
    });
    const verdict = exchange.guard(result.text);
    const ground = grounds.get(servedBy.releaseId)!;
    if (firstFailure === null) {
      const events = { blocked: verdict.action === 'block', degraded: ground.degraded };
      answerer.count({ id, assignment, milliseconds, failure: null, ...events });
    }
    exchange.sign(servedBy);
    const text = verdict.action === 'pass' ? result.text : verdict.answer;
    const { promptTokens, completionTokens } = result;
    const champion = firstFailure === null ? { answer: result.text, latencyMs: milliseconds } : null;
    exchange.end({ servedBy, answer: text, champion, promptTokens, completionTokens, status: 200 });
    const facts = await factsOf({ context, state, ground, release: servedBy.releaseId, answer: text });
    return { id, query: body.query, answer: text, ...facts, model, release: servedBy.releaseId };
  } catch (error) {
    throw endWithout({ exchange, error, request });
  }
}

/** What an answer rests on, in the words of the contract. */
async function factsOf(input: {
  context: GatewayContext;
  state: ModelState | null;
  ground: GatewayGround;
  release: string;
  answer: string;
}): Promise<Pick<z.infer<typeof answerSchema>, 'sources' | 'citations' | 'unsupported' | 'degraded'>> {
  const { context, state, ground, release, answer } = input;
  if (ground.degraded) return { sources: 0, citations: [], degraded: true };
  const settings = state?.retrievals.get(release);
  if (!ground.retrieves || !settings) return { sources: 0, citations: [] };
  const { citations, unsupported } = await context.grounding.cite({ settings, answer, ground });
  return { sources: ground.found.length, citations, unsupported };
}
