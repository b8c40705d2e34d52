import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Prompt } from '../domain/release/prompt.js';
import type { Outcome } from './answerer.js';
import { requireScope } from './authentication.js';
import type { GatewayContext } from './context.js';
import { beginExchange, defaultModelOf, endWithout, type Exchange } from './exchange.js';
import { chatSchema, errorSchema, passedOn, refusalSchemas, type ChatRequest } from './schemas.js';
import { SseTracker } from './sse-tracker.js';
import { UpstreamError, type Completion } from './upstream.js';

/** `POST /v1/chat/completions`: the same releases for OpenAI's clients, streams passed through. */
export function addChatRoutes({ app, context }: { app: FastifyInstance; context: GatewayContext }): void {
  const { answerer, upstream } = context;
  const schema = {
    tags: ['answers'],
    summary: 'Chat in the form of OpenAI',
    security: [{ apiKey: [] }, { bearer: [] }],
    body: chatSchema,
    response: {
      200: z.looseObject({ id: z.string() }).describe('a chat completion, or its chunks as server-sent events'),
      ...refusalSchemas,
      404: errorSchema.describe('the model is not served here'),
    },
  };
  const onRequest = requireScope({ scope: 'query', bearer: true, ...context });
  app
    .withTypeProvider<ZodTypeProvider>()
    .post('/v1/chat/completions', { onRequest, schema }, async (request, reply) => {
      const body = request.body;
      const exchange = beginExchange({
        context,
        request,
        reply,
        model: body.model === undefined || body.model === '' ? defaultModelOf(request) : body.model,
        query: lastQuestion(body),
        user: body.user === '' ? undefined : body.user,
        content: JSON.stringify(body.messages),
      });
      const { assignment, signal } = exchange;
      const asking = {
        assignment,
        signal,
        requestFor: (prompt: Prompt) => withPrompt({ body: passedOn(body), prompt }),
      };
      try {
        if (body.stream !== true) {
          const outcome = await answerer.answer({ ...asking, ask: (call) => upstream.complete(call) });
          return wholeAnswer({ context, exchange, outcome, body });
        }
        const outcome = await answerer.answer({ ...asking, ask: (call) => upstream.stream(call) });
        exchange.sign(outcome.servedBy);
        return await sendStream({ reply, chunks: passThrough({ context, exchange, outcome, request }) });
      } catch (error) {
        throw endWithout({ exchange, error, request });
      }
    });
}

const sendStream = ({ reply, chunks }: { reply: FastifyReply; chunks: AsyncGenerator<Uint8Array> }): FastifyReply =>
  reply
    .header('cache-control', 'no-cache')
    .type('text/event-stream')
    .send(Readable.from(chunks, { objectMode: false }));

/** What the caller leaves open the release decides: the system message, the length, the temperature. */
function withPrompt({ body, prompt }: { body: ChatRequest; prompt: Prompt }): Record<string, unknown> {
  const addsSystem = prompt.system !== null && !body.messages.some(({ role }) => role === 'system');
  const messages = addsSystem ? [{ role: 'system', content: prompt.system }, ...body.messages] : body.messages;
  const limited = body.max_tokens != null || body.max_completion_tokens != null;
  return { ...(limited ? {} : { max_tokens: prompt.maxTokens }), temperature: prompt.temperature, ...body, messages };
}

function lastQuestion({ messages }: ChatRequest): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : JSON.stringify(content);
}

function wholeAnswer(input: {
  context: GatewayContext;
  exchange: Exchange;
  outcome: Outcome<Completion>;
  body: ChatRequest;
}): Record<string, unknown> & { id: string } {
  const { context, exchange, outcome, body } = input;
  const { assignment, id } = exchange;
  const { result, servedBy, firstFailure, milliseconds } = outcome;
  const { model } = assignment;
  const replacement = context.guard({ model, query: lastQuestion(body), answer: result.text });
  if (firstFailure === null)
    context.answerer.count({ assignment, milliseconds, failure: null, blocked: replacement !== null });
  exchange.sign(servedBy);
  const { text, promptTokens, completionTokens } = result;
  exchange.end({ servedBy, answer: replacement ?? text, promptTokens, completionTokens, status: 200 });
  const passed = { ...result.body, id, model };
  if (replacement === null) return passed;
  const message = { role: 'assistant', content: replacement };
  return { ...passed, choices: [{ index: 0, message, finish_reason: 'content_filter' }] };
}

/**
 * The stream as it comes. Its latency is the time to the first chunk, which the caller's speed can't change. A stream
 * that breaks, ends without `[DONE]` or says nothing is an error of the arm; the caller is told inside the stream,
 * because the status has gone out already.
 */
async function* passThrough(input: {
  context: GatewayContext;
  exchange: Exchange;
  outcome: Outcome<AsyncGenerator<Buffer>>;
  request: FastifyRequest;
}): AsyncGenerator<Uint8Array> {
  const { context, exchange, outcome, request } = input;
  const { assignment } = exchange;
  const { servedBy, firstFailure, milliseconds } = outcome;
  const tracker = new SseTracker();
  let failure: UpstreamError | null = null;
  let over = false;
  try {
    for await (const chunk of outcome.result) {
      tracker.push(chunk);
      yield chunk;
    }
    failure = failureOf(tracker);
    over = true;
  } catch (error) {
    failure = error instanceof UpstreamError ? error : new UpstreamError('broken', String(error));
    over = !exchange.signal.aborted;
  } finally {
    if (firstFailure === null) context.answerer.count({ assignment, milliseconds, failure, aborted: !over });
    if (failure !== null && over) request.log.warn({ err: failure, release: servedBy.releaseId }, 'broken stream');
    const { text, promptTokens, completionTokens } = tracker;
    const status = over ? (failure === null ? 200 : 503) : 499;
    exchange.end({ servedBy, answer: text, promptTokens, completionTokens, status });
  }
  if (failure !== null && over && !tracker.finished && tracker.failure === null)
    yield Buffer.from(`data: ${JSON.stringify({ error: { message: 'the stream broke; try again' } })}\n\n`);
}

function failureOf(tracker: SseTracker): UpstreamError | null {
  if (tracker.failure !== null) return new UpstreamError('broken', `error inside the stream: ${tracker.failure}`);
  if (!tracker.finished) return new UpstreamError('broken', 'the stream ended without [DONE]');
  return tracker.usable ? null : new UpstreamError('unusable', 'the streamed answer is empty');
}
