import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import { Agent, type Dispatcher } from 'undici';
import type { Secret } from '../config/secret.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import type { ReplyFormat } from '../domain/summaries/reply-format.js';
import type { Cancellation } from './cancellation.js';
import { usableCompletion, type Completion } from './completion.js';
import { timeLimit, type TimeLimit } from './time-limit.js';
import { UpstreamError } from './upstream-error.js';
import { wholeReply } from './whole-reply.js';

/** What a release is asked. */
export interface ReleaseRequest {
  /** In OpenAI's form; `model` is set to the target's adapter. */
  request: Record<string, unknown>;
  /** The shape that the release's prompt wants of the answer; left out where the endpoint takes none. */
  format?: ReplyFormat | null;
}

export interface UpstreamCall extends ReleaseRequest {
  target: Target;
  timeoutMilliseconds: number;
  /** Ends when the caller hangs up. */
  cancellation: Cancellation;
}

/** Asks releases, wherever they are served. */
export type ReleaseUpstream = Pick<Upstream, 'complete' | 'stream' | 'close'>;

/** What an endpoint says about the caller's own request; everything else is the endpoint's fault. */
const callerStatuses = new Set([400, 413, 422]);

/** Several times the longest answer with all its probabilities; an endpoint that never ends is broken. */
const largestStreamBytes = 32 * 1024 * 1024;
const shownCharacters = 200;

/** Asks OpenAI-compatible endpoints over kept-alive connections. */
export class Upstream {
  private readonly addresses = new LRUCache<string, { origin: string; path: string }>({ max: 1000 });
  private readonly headers: Record<string, string>;
  private readonly connections = new Agent({ keepAliveTimeout: 30_000, connect: { timeout: 5000 }, pipelining: 1 });

  private readonly secret: string | null;

  constructor(
    apiKey: Secret | null,
    /** Addresses that plans name, and where the same endpoint is now. */
    private readonly moved: Readonly<Record<string, string>> = {},
  ) {
    this.secret = apiKey?.reveal() ?? null;
    const authorization = apiKey === null ? {} : { authorization: `Bearer ${apiKey.reveal()}` };
    this.headers = { 'content-type': 'application/json', ...authorization };
  }

  /**
   * One whole answer.
   * @throws UpstreamError when there is none within the time, or none that is usable (no text and no tool call).
   */
  async complete(call: UpstreamCall): Promise<Completion> {
    const { timeoutMilliseconds, cancellation } = call;
    const [name, request] = [nameOf(call), this.requestOf(call)];
    const { connections } = this;
    const { status, text } = await wholeReply({ connections, request, name, timeoutMilliseconds, cancellation });
    if (status !== 200) throw statusError({ call, status, text: this.withoutSecret(text) });
    return usableCompletion({ name, text });
  }

  /**
   * A streamed answer: the raw bytes as they come. `timeoutMilliseconds` limits the wait for each chunk, the first one
   * included, which has arrived when this resolves.
   * @throws UpstreamError here before the first chunk, from the iteration after it.
   */
  async stream(call: UpstreamCall): Promise<AsyncGenerator<Buffer>> {
    const limit = timeLimit(call);
    try {
      const response = await this.connections.request({ ...this.requestOf(call), signal: limit.signal });
      if (response.statusCode !== 200)
        throw statusError({
          call,
          status: response.statusCode,
          text: this.withoutSecret(await beginningOf(response.body)),
        });
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

  /** Endpoints repeat what they were sent, and what they say stands in the log and in pairs of a shadow. */
  private withoutSecret(text: string): string {
    return this.secret === null ? text : text.replaceAll(this.secret, '(secret)');
  }

  private requestOf({ target, request }: UpstreamCall): Dispatcher.DispatchOptions & { origin: string } {
    const { origin, path } = this.addressOf(target.endpoint);
    const body = JSON.stringify(Object.assign({}, request, { model: target.adapter }));
    return { origin, path, method: 'POST', headers: this.headers, body, headersTimeout: 0, bodyTimeout: 0 };
  }

  private addressOf(endpoint: string): { origin: string; path: string } {
    const known = this.addresses.get(endpoint);
    if (known) return known;
    const named = endpoint.replace(/\/$/, '');
    const url = new URL(`${this.moved[named] ?? named}/chat/completions`);
    const address = { origin: url.origin, path: url.pathname + url.search };
    this.addresses.set(endpoint, address);
    return address;
  }
}

async function* follow(input: {
  call: UpstreamCall;
  chunks: AsyncIterator<Buffer>;
  first: Buffer;
  limit: TimeLimit;
}): AsyncGenerator<Buffer> {
  const { call, chunks, first, limit } = input;
  let bytes = first.length;
  try {
    limit.pause();
    yield first;
    for (;;) {
      limit.restart();
      const next = await chunks.next();
      if (next.done) return;
      limit.pause();
      bytes += next.value.length;
      if (bytes > largestStreamBytes)
        throw new UpstreamError('broken', `${nameOf(call)}: the stream is longer than ${largestStreamBytes} bytes`);
      yield next.value;
    }
  } catch (error) {
    throw asUpstreamError({ error, call, timedOut: limit.timedOut() });
  } finally {
    limit.abort();
  }
}

/** What an endpoint says of its refusal, as far as anybody reads it. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of body) {
    text += chunk.toString('utf8');
    if (text.length >= shownCharacters) break;
  }
  return text;
}

const nameOf = ({ target }: UpstreamCall): string => `${target.adapter} at ${target.endpoint}`;

const statusError = ({ call, status, text }: { call: UpstreamCall; status: number; text: string }) =>
  new UpstreamError(
    'status',
    `${nameOf(call)}: HTTP ${status}: ${text.slice(0, shownCharacters)}`,
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
