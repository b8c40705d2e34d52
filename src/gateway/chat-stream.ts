import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutputVerdict } from '../domain/guardrails/guardrails.js';
import type { Outcome } from './answerer.js';
import type { GatewayContext } from './context.js';
import type { Exchange } from './exchange.js';
import type { Facts, GroundedRequest } from './grounded-request.js';
import { SseTail } from './sse-tail.js';
import { SseTracker } from './sse-tracker.js';
import { elapsed } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

/**
 * Sends the chunks as server-sent events. A caller that takes none of them for `takeMilliseconds`, or leaves the end so
 * long, is cut off: it would keep its place, and the release busy, for as long as it likes.
 */
export function sendStream({
  reply,
  chunks,
  takeMilliseconds,
}: {
  reply: FastifyReply;
  chunks: AsyncGenerator<Uint8Array>;
  takeMilliseconds: number;
}): FastifyReply {
  const cutLater = () => setTimeout(() => reply.raw.destroy(), takeMilliseconds);
  return reply
    .header('cache-control', 'no-cache')
    .type('text/event-stream')
    .send(Readable.from(takenInTime({ reply, chunks, cutLater }), { objectMode: false }));
}

async function* takenInTime(input: {
  reply: FastifyReply;
  chunks: AsyncGenerator<Uint8Array>;
  cutLater: () => NodeJS.Timeout;
}): AsyncGenerator<Uint8Array> {
  const { reply, chunks, cutLater } = input;
  for await (const chunk of chunks) {
    const timer = cutLater();
    try {
      yield chunk;
    } finally {
      clearTimeout(timer);
    }
  }
  const timer = cutLater();
  reply.raw.once('close', () => clearTimeout(timer));
}

/**
 * The stream as it comes; with guardrails on answers it is held back until it is whole. Its latency is the time to the
 * first chunk, which the caller's speed can't change. A stream that breaks, ends without `[DONE]` or says nothing is an
 * error of the arm; the caller is told inside the stream, because the status has gone out already.
 */
export async function* passThrough(input: {
  context: GatewayContext;
  exchange: Exchange;
  outcome: Outcome<AsyncGenerator<Buffer>>;
  request: FastifyRequest;
  grounded: GroundedRequest;
}): AsyncGenerator<Uint8Array> {
  const { context, exchange, outcome, request, grounded } = input;
  const { assignment, id } = exchange;
  const { servedBy, firstFailure, milliseconds } = outcome;
  const tracker = new SseTracker();
  const held: Buffer[] = [];
  // What an answer rests on is known with its last word, and goes out before the stream says that it is over.
  const tail = grounded.retrieves(servedBy) ? new SseTail() : null;
  let failure: UpstreamError | null = null;
  let verdict: OutputVerdict = { action: 'pass' };
  let over = false;
  const begun = elapsed();
  let firstTokenMilliseconds: number | null = null;
  try {
    for await (const chunk of outcome.result) {
      tracker.push(chunk);
      if (firstTokenMilliseconds === null && tracker.usable) firstTokenMilliseconds = milliseconds + elapsed() - begun;
      const passed = tail ? tail.push(chunk) : chunk;
      if (exchange.watchesAnswers) held.push(passed);
      else yield passed;
    }
    failure = failureOf(tracker);
    if (failure === null && exchange.watchesAnswers) verdict = await exchange.guard(tracker.text, tracker.reasoning);
    over = true;
  } catch (error) {
    failure = error instanceof UpstreamError ? error : new UpstreamError('broken', String(error));
    over = !exchange.cancellation.cancelled;
  } finally {
    const blocked = verdict.action === 'block';
    // A caller that gave up before the first words had waited for them so long.
    if (!over) firstTokenMilliseconds ??= milliseconds + elapsed() - begun;
    if (firstFailure === null)
      context.answerer.count({
        id,
        assignment,
        milliseconds,
        failure,
        aborted: !over,
        blocked,
        degraded: grounded.isDegraded(servedBy),
        firstTokenMilliseconds,
      });
    if (failure !== null && over) request.log.warn({ err: failure, release: servedBy.releaseId }, 'broken stream');
    const { text, promptTokens, completionTokens } = tracker;
    const status = over ? (failure === null ? 200 : 503) : 499;
    const champion = status === 200 && firstFailure === null ? { answer: text, latencyMs: null } : null;
    const answer = verdict.action === 'pass' ? text : verdict.answer;
    exchange.end({ servedBy, answer, champion, promptTokens, completionTokens, status });
  }
  if (verdict.action !== 'pass') yield replacement({ exchange, verdict });
  else if (failure === null) {
    yield* held;
    if (tail)
      yield* factsAndEnd({ exchange, tail, facts: await grounded.factsOf({ target: servedBy, answer: tracker.text }) });
  } else if (over && !tracker.finished && tracker.failure === null)
    yield Buffer.from(`data: ${JSON.stringify({ error: { message: 'the stream broke; try again' } })}\n\n`);
}

/** A chunk without choices, as OpenAI's usage comes, and then the stream's own end. */
function* factsAndEnd(input: { exchange: Exchange; tail: SseTail; facts: Facts }): Generator<Buffer> {
  const { exchange, tail, facts } = input;
  const { model } = exchange.assignment;
  const chunk = { id: exchange.id, object: 'chat.completion.chunk', model, choices: [], retrieval: facts };
  yield Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
  yield tail.rest();
}

/** What takes the place of a stream that may not go out as it came. */
function replacement({
  exchange,
  verdict,
}: {
  exchange: Exchange;
  verdict: Exclude<OutputVerdict, { action: 'pass' }>;
}): Buffer {
  const chunk = {
    id: exchange.id,
    object: 'chat.completion.chunk',
    model: exchange.assignment.model,
    choices: [
      {
        index: 0,
        delta: { role: 'assistant', content: verdict.answer },
        finish_reason: verdict.action === 'block' ? 'content_filter' : 'stop',
      },
    ],
  };
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
}

function failureOf(tracker: SseTracker): UpstreamError | null {
  if (tracker.failure !== null) return new UpstreamError('broken', `error inside the stream: ${tracker.failure}`);
  if (!tracker.finished) return new UpstreamError('broken', 'the stream ended without [DONE]');
  return tracker.usable ? null : new UpstreamError('unusable', 'the streamed answer is empty');
}
