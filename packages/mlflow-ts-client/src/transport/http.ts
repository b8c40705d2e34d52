import type { z } from 'zod';
import { MlflowResponseError } from '../errors.js';
import type { CallOptions, ResolvedOptions } from '../options.js';
import { empty } from '../schemas/common.js';
import { Deadline } from './deadline.js';
import { explainBreak, readFailure } from './failures.js';
import { withRetries } from './retry.js';

export type QueryValue = string | number | readonly string[] | undefined;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A body that may be opened again for every attempt. */
export interface Upload {
  /** Opens the body, which tells the deadline of every piece taken and of its own failure. */
  open: (deadline: Pick<Deadline, 'restart' | 'fail'>) => ReadableStream<Uint8Array>;
  /** The length in bytes, where it is known beforehand. */
  length: number | undefined;
}

interface CallBase {
  method: Method;
  /** Absolute path below the server's address, already percent-encoded. */
  path: string;
  query?: Readonly<Record<string, QueryValue>> | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Whether doing it twice leaves the same state as doing it once. */
  idempotent: boolean;
  options: CallOptions;
}

export interface JsonCall<Schema extends z.ZodType> extends CallBase {
  body?: unknown;
  schema: Schema;
}

/** An open answer: its deadline must be cleared by whoever consumes the stream. */
export interface OpenResponse {
  response: Response;
  deadline: Deadline;
  /** Turns what the stream throws into this package's errors. */
  explain: (error: unknown) => unknown;
}

/** Sends calls: authentication, deadlines, retries, and errors as this package's classes. Keeps its secrets private. */
export class Transport {
  readonly #options: ResolvedOptions;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** The server's address without credentials. */
  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  /**
   * Sends a call with an optional JSON body and parses the JSON answer by `schema`.
   * @throws MlflowApiError, MlflowConnectionError, MlflowTimeoutError, MlflowResponseError
   */
  json<Schema extends z.ZodType>(call: JsonCall<Schema>): Promise<z.output<Schema>> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    };
    return this.#withRetries(call, async () => {
      const open = await this.#send({ ...call, headers }, { body });
      return this.#parse(call, await this.#text(open));
    });
  }

  /** Reads: a GET, which is always safe to repeat. */
  get<Schema extends z.ZodType>(
    call: Pick<JsonCall<Schema>, 'path' | 'query' | 'schema' | 'options'>,
  ): Promise<z.output<Schema>> {
    return this.json({ ...call, method: 'GET', idempotent: true });
  }

  /** Reads a small plain text. */
  text(call: Pick<CallBase, 'path' | 'options'>): Promise<string> {
    const full: CallBase = { ...call, method: 'GET', idempotent: true };
    return this.#withRetries(full, async () => this.#text(await this.#send(full, {})));
  }

  /** Searches and creates: a POST with a JSON answer. */
  post<Schema extends z.ZodType>(call: Omit<JsonCall<Schema>, 'method'>): Promise<z.output<Schema>> {
    return this.json({ ...call, method: 'POST' });
  }

  /** Changes something; the answer carries nothing. A POST that is safe to repeat, unless said otherwise. */
  change(
    call: Pick<CallBase, 'path' | 'options'> & { body: unknown; method?: Method; idempotent?: boolean },
  ): Promise<void> {
    return this.json({ method: 'POST', idempotent: true, ...call, schema: empty });
  }

  /** Sends a call whose answer's body does not matter; a body may be streamed. */
  send(call: CallBase & { upload?: Upload; body?: string }): Promise<void> {
    return this.#withRetries(call, async () => {
      await this.#text(await this.#send(call, { body: call.body, upload: call.upload }));
    });
  }

  /** Sends a call and hands over the answer with its body still to be read. */
  open(call: CallBase): Promise<OpenResponse> {
    return this.#withRetries(call, () => this.#send(call, {}));
  }

  #withRetries<Result>(call: CallBase, attempt: () => Promise<Result>): Promise<Result> {
    const retries = call.options.retries ?? this.#options.retries;
    return withRetries({ attempt, retries, idempotent: call.idempotent, signal: call.options.signal });
  }

  async #send(
    call: CallBase,
    content: { body?: string | undefined; upload?: Upload | undefined },
  ): Promise<OpenResponse> {
    const { method, path, options } = call;
    const what = `${method} ${path}`;
    const { secrets, authorization } = this.#options;
    const deadline = new Deadline({
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? this.#options.timeoutMs,
      what,
    });
    const explain = (error: unknown) => explainBreak({ error, signal: deadline.signal, what, secrets });
    try {
      const headers = { ...call.headers, ...(authorization === undefined ? {} : { authorization }) };
      const init: RequestInit = { method, headers, signal: deadline.signal, redirect: 'manual' };
      if (content.body !== undefined) init.body = content.body;
      if (content.upload !== undefined) attach(init, headers, content.upload, deadline);
      const response = await this.#options.fetch(this.#address(call), init);
      if (!response.ok) throw await readFailure({ response, method, path, secrets });
      return { response, deadline, explain };
    } catch (error) {
      deadline.clear();
      throw explain(error);
    }
  }

  #address(call: CallBase): string {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(call.query ?? {})) {
      for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) {
        if (one !== undefined) query.append(key, String(one));
      }
    }
    return `${this.#options.baseUrl}${call.path}${query.size === 0 ? '' : `?${query.toString()}`}`;
  }

  async #text(open: OpenResponse): Promise<string> {
    try {
      return await open.response.text();
    } catch (error) {
      throw open.explain(error);
    } finally {
      open.deadline.clear();
    }
  }

  #parse<Schema extends z.ZodType>(call: JsonCall<Schema>, text: string): z.output<Schema> {
    const what = `${call.method} ${call.path}`;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      const start = JSON.stringify(text.slice(0, 80));
      const message = `${what}: the answer is not JSON but starts with ${start}. Does trackingUri point to an MLflow server?`;
      throw new MlflowResponseError({ message, cause });
    }
    const parsed = call.schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'answer'}: ${issue.message}`);
    throw new MlflowResponseError({
      message: `${what}: the answer is not as MLflow promises: ${problems.join('; ')}.`,
    });
  }
}

function attach(init: RequestInit, headers: Record<string, string>, upload: Upload, deadline: Deadline): void {
  if (upload.length !== undefined) headers['content-length'] = String(upload.length);
  init.body = upload.open(deadline);
  init.duplex = 'half';
  // Otherwise Node's fetch keeps a second branch of the body for a redirect, and with it the whole upload in memory.
  init.redirect = 'error';
  init.window = null;
}
