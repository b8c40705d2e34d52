import { performance } from 'node:perf_hooks';
import { Agent, type Dispatcher } from 'undici';
import { z } from 'zod';
import type { Secret } from '../config/secret.js';
import type { Target } from '../domain/rollout/traffic-plan.js';

export type FailureKind = 'status' | 'timeout' | 'connection' | 'unusable' | 'broken';

/** The release did not answer: what the arm is counted for, unless `callerStatus` says that the request was at fault. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly callerStatus: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const count = z.number().int().min(0).catch(0);
export const usageSchema = z.object({ prompt_tokens: count, completion_tokens: count }).nullish();
const completionSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }),
      }),
    )
    .min(1),
  usage: usageSchema,
});

export interface Completion {
  text: string;
  promptTokens: number;
  completionTokens: number;
  /** The endpoint's whole reply. */
  body: Record<string, unknown>;
}

export interface UpstreamCall {
  target: Target;
  /** The request in OpenAI's form; `model` is set to the target's adapter. */
  request: Record<string, unknown>;
  timeoutMilliseconds: number;
  signal: AbortSignal;
}

/** What an endpoint says about the caller's own request; everything else is the endpoint's fault. */
const callerStatuses = new Set([400, 413, 422]);
const largestReplyBytes = 8 * 1024 * 1024;

/** Asks OpenAI-compatible endpoints over kept-alive connections. */
export class Upstream {
  private readonly connections = new Agent({ keepAliveTimeout: 30_000, connect: { timeout: 5000 }, pipelining: 1 });

  constructor(
    private readonly apiKey: Secret | null,
    /** Addresses that plans name, and where the same endpoint is now. */
    private readonly moved: Readonly<Record<string, string>> = {},
  ) {}

  /**
   * One whole answer.
   * @throws UpstreamError when there is none within the time, or none that is usable (no text and no tool call).
   */
  async complete(call: UpstreamCall): Promise<Completion> {
    const limit = timeLimit(call);
    try {
      const response = await this.post(call, limit.signal);
      const text = await readText(response.body);
      if (response.statusCode !== 200) throw statusError({ call, status: response.statusCode, text });
      return usableCompletion({ call, text });
    } catch (error) {
      throw asUpstreamError({ error, call, timedOut: limit.timedOut() });
    } finally {
      limit.end();
    }
  }

  /**
   * A streamed answer: the raw bytes as they come. `timeoutMilliseconds` limits the wait for each chunk, the first one
   * included, which has arrived when this resolves.
   * @throws UpstreamError here before the first chunk, from the iteration after it.
   */
  async stream(call: UpstreamCall): Promise<AsyncGenerator<Buffer>> {
    const limit = timeLimit(call);
    try {
      const response = await this.post(call, limit.signal);
      if (response.statusCode !== 200)
        throw statusError({ call, status: response.statusCode, text: await readText(response.body) });
      const chunks = response.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      const first = await chunks.next();
      if (first.done) throw new UpstreamError('unusable', `${nameOf(call)}: the stream ended before it began`);
      return follow({ call, chunks, first: first.value, limit });
    } catch (error) {
      limit.end();
      throw asUpstreamError({ error, call, timedOut: limit.timedOut() });
    }
  }

  async close(): Promise<void> {
    await this.connections.destroy();
  }

  private post({ target, request }: UpstreamCall, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const named = target.endpoint.replace(/\/$/, '');
    const url = new URL(`${this.moved[named] ?? named}/chat/completions`);
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.apiKey) headers.authorization = `Bearer ${this.apiKey.reveal()}`;
    const body = JSON.stringify({ ...request, model: target.adapter });
    return this.connections.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers,
      body,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}

async function* follow(input: {
  call: UpstreamCall;
  chunks: AsyncIterator<Buffer>;
  first: Buffer;
  limit: TimeLimit;
}): AsyncGenerator<Buffer> {
  const { call, chunks, first, limit } = input;
  try {
    limit.pause();
    yield first;
    for (;;) {
      limit.restart();
      const next = await chunks.next();
      if (next.done) return;
      limit.pause();
      yield next.value;
    }
  } catch (error) {
    throw asUpstreamError({ error, call, timedOut: limit.timedOut() });
  } finally {
    limit.abort();
  }
}

interface TimeLimit {
  signal: AbortSignal;
  timedOut(): boolean;
  /** Gives the next wait the whole time again. */
  restart(): void;
  /** The time the caller takes is not the endpoint's. */
  pause(): void;
  end(): void;
  /** Ends it together with what is still under way. */
  abort(): void;
}

function timeLimit({ timeoutMilliseconds, signal }: UpstreamCall): TimeLimit {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let late = false;
  const arm = () =>
    setTimeout(() => {
      late = true;
      controller.abort();
    }, timeoutMilliseconds);
  let timer = arm();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) controller.abort();
  const end = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  };
  return {
    signal: controller.signal,
    timedOut: () => late,
    restart: () => {
      clearTimeout(timer);
      timer = arm();
    },
    pause: () => clearTimeout(timer),
    end,
    abort: () => {
      end();
      controller.abort();
    },
  };
}

async function readText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestReplyBytes)
      throw new UpstreamError('unusable', `the reply is larger than ${largestReplyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function usableCompletion({ call, text }: { call: UpstreamCall; text: string }): Completion {
  const parsed = completionSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new UpstreamError('unusable', `${nameOf(call)}: the reply is no chat completion: ${text.slice(0, 200)}`);
  const { message } = parsed.data.choices[0]!;
  const answer = message.content ?? '';
  if (answer.trim() === '' && !message.tool_calls?.length)
    throw new UpstreamError('unusable', `${nameOf(call)}: the answer is empty`);
  return {
    text: answer,
    promptTokens: parsed.data.usage?.prompt_tokens ?? 0,
    completionTokens: parsed.data.usage?.completion_tokens ?? 0,
    body: parsed.data,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const nameOf = ({ target }: UpstreamCall): string => `${target.adapter} at ${target.endpoint}`;

const statusError = ({ call, status, text }: { call: UpstreamCall; status: number; text: string }) =>
  new UpstreamError(
    'status',
    `${nameOf(call)}: HTTP ${status}: ${text.slice(0, 200)}`,
    callerStatuses.has(status) ? status : null,
  );

/** Any failure of a call as the one kind of error that counts against a release. */
export function asUpstreamError({ error, call, timedOut }: { error: unknown; call: UpstreamCall; timedOut: boolean }) {
  if (error instanceof UpstreamError) return error;
  const cause = { cause: error };
  if (timedOut)
    return new UpstreamError('timeout', `${nameOf(call)}: no answer in ${call.timeoutMilliseconds} ms`, null, cause);
  const message = error instanceof Error ? error.message : String(error);
  return new UpstreamError('connection', `${nameOf(call)}: ${message}`, null, cause);
}

/** Milliseconds of a clock that never goes back. */
export const elapsed = (): number => performance.now();
