import { z } from 'zod';
import { createApiError, MlflowConnectionError, MlflowError } from '../errors.js';
import type { MlflowApiError } from '../errors.js';

const neverSentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const longestExcerpt = 2_000;

const mlflowBody = z.object({ error_code: z.string(), message: z.string().default('') });
const fastApiBody = z.object({ detail: z.unknown() });

/** Removes every known secret from a text that a server or a library wrote. */
export function redact(input: { text: string; secrets: readonly string[] }): string {
  return input.secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), input.text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readBody(text: string): { code: string | undefined; message: string } {
  const json = parseJson(text);
  const own = mlflowBody.safeParse(json);
  if (own.success) return { code: own.data.error_code, message: own.data.message };
  const framework = fastApiBody.safeParse(json);
  if (framework.success) {
    const { detail } = framework.data;
    return { code: undefined, message: typeof detail === 'string' ? detail : JSON.stringify(detail) };
  }
  return {
    code: undefined,
    message: text
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  };
}

/** Reads `retry-after` (seconds or a date) as milliseconds from `now`; anything else counts as not given. */
export function readRetryAfter(input: { value: string | null; now: number }): number | undefined {
  if (input.value === null) return undefined;
  if (/^\d+$/.test(input.value.trim())) return Number(input.value) * 1000;
  const date = Date.parse(input.value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - input.now);
}

/** Turns an answer outside 200..299 into the error it stands for. */
export async function readFailure(input: {
  response: Response;
  method: string;
  path: string;
  secrets: readonly string[];
}): Promise<MlflowApiError> {
  const { response, method, path, secrets } = input;
  const { code, message } = readBody(await response.text());
  const location = response.headers.get('location');
  const said =
    location === null ? message : `the server sends this call on to ${location}; set trackingUri to its final address`;
  const text = `${method} ${path} answered ${response.status}${code === undefined ? '' : ` ${code}`}: ${said || response.statusText}`;
  return createApiError({
    message: redact({ text, secrets }).slice(0, longestExcerpt),
    code: code ?? `HTTP_${response.status}`,
    status: response.status,
    method,
    path,
    retryAfterMs: readRetryAfter({ value: response.headers.get('retry-after'), now: Date.now() }),
  });
}

const withCode = z.object({ code: z.string() });

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let current = error; current instanceof Error && chain.length < 5; current = current.cause) {
    chain.push(current);
    if (current instanceof AggregateError) chain.push(...(current.errors as unknown[]));
  }
  return chain;
}

/**
 * Names what `fetch` or a stream threw. An abort (the caller's or the clock's) comes back as its own reason; an error
 * that already is one of ours stays as it is.
 */
export function explainBreak(input: {
  error: unknown;
  signal: AbortSignal;
  what: string;
  secrets: readonly string[];
}): unknown {
  if (input.signal.aborted) return input.signal.reason;
  if (input.error instanceof MlflowError) return input.error;
  const chain = causes(input.error);
  const codes = chain
    .map((cause) => withCode.safeParse(cause))
    .flatMap((read) => (read.success ? [read.data.code] : []));
  const words = chain.flatMap((cause) => (cause instanceof Error && cause.message !== '' ? [cause.message] : []));
  const reason = [...new Set([...words, ...codes])].join(', ') || String(input.error);
  const text = `${input.what}: no complete answer (${reason}). Check that the server runs and that trackingUri is right.`;
  return new MlflowConnectionError({
    message: redact({ text, secrets: input.secrets }),
    neverSent: codes.some((code) => neverSentCodes.has(code)),
    cause: input.error,
  });
}
