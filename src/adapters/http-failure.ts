import { type FailureType, PortError } from '../activities/ports.js';
import { cutWords } from '../domain/cut-text.js';

const typeByStatus: Readonly<Record<number, FailureType>> = {
  401: 'Unauthorised',
  403: 'Unauthorised',
  404: 'NotFound',
  408: 'Timeout',
  409: 'Conflict',
  410: 'NotFound',
  425: 'Unavailable',
  429: 'RateLimited',
  504: 'Timeout',
};

/** The failure type of an HTTP status of 400 or more. */
export const failureTypeOf = (status: number): FailureType =>
  typeByStatus[status] ?? (status >= 500 ? 'Unavailable' : 'InvalidInput');

/**
 * How long the server asked to wait, in milliseconds; null where it didn't say. Reads `retry-after-ms` and
 * `retry-after` as seconds or as a date (RFC 9110, section 10.2.3). `now` in milliseconds since 1970.
 */
export function retryAfterOf({ headers, now }: { headers: Headers; now: number }): number | null {
  const milliseconds = Number(headers.get('retry-after-ms') ?? NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** The `PortError` of an answer with a status of 400 or more. */
export function httpFailure({
  what,
  status,
  headers,
  detail,
}: {
  what: string;
  status: number;
  headers: Headers;
  /** What the server said. */
  detail: string;
}): PortError {
  const said = cutWords({ text: detail, characters: 500 });
  return new PortError(
    failureTypeOf(status),
    `${what}: HTTP ${status}${said === '' ? '' : `: ${said}`}`,
    retryAfterOf({ headers, now: Date.now() }),
  );
}

/** The `PortError` of a request that got no answer: `Timeout` when time ran out, else `Unavailable`. */
export function networkFailure({ what, error }: { what: string; error: unknown }): PortError {
  if (error instanceof PortError) return error;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const message = messageOf(error);
  return new PortError(timedOut ? 'Timeout' : 'Unavailable', `${what}: ${message}`, null, { cause: error });
}

/** With the causes, as the reason is there; an `AggregateError` (a name with several addresses) has no words of its own. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const causes = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  return [error.message, causes.map(messageOf).join(', ')].filter((text) => text !== '').join(': ');
}
