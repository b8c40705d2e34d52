import { z } from 'zod';
import { MlflowArgumentError } from './errors.js';

/** The part of `fetch` this package uses; give another one for proxies, tests or tracing. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface MlflowClientOptions {
  /** Where the MLflow server is, e.g. `http://127.0.0.1:5000` or `https://example.org/mlflow`. */
  trackingUri: string;
  /** Sent as a bearer token. Not together with `username`. */
  token?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  /** How often a safe call is repeated after a passing failure; default 2. Use 0 where something else retries. */
  retries?: number | undefined;
  /** The longest wait for an answer, or between two pieces of a stream, in milliseconds; default 30,000. */
  timeoutMs?: number | undefined;
  fetch?: Fetch | undefined;
}

/** What every call takes beside its own fields. */
export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Replaces the client's `timeoutMs` for this call. */
  timeoutMs?: number | undefined;
  /** Replaces the client's `retries` for this call. Calls that aren't safe to repeat are not repeated all the same. */
  retries?: number | undefined;
}

export interface ResolvedOptions {
  baseUrl: string;
  authorization: string | undefined;
  /** Every spelling of the credentials that must not appear in a message. */
  secrets: readonly string[];
  retries: number;
  timeoutMs: number;
  fetch: Fetch;
}

const optionsSchema = z.object({
  trackingUri: z.string(),
  token: z.string().min(1).optional(),
  username: z.string().min(1).optional(),
  password: z.string().optional(),
  retries: z.number().int().min(0).max(20).default(2),
  timeoutMs: z.number().int().min(1).max(2_147_483_647).default(30_000),
  fetch: z.custom<Fetch>((value) => typeof value === 'function').optional(),
});

function parseUrl(trackingUri: string): URL {
  const expected = 'expected the http or https address of an MLflow server, e.g. http://127.0.0.1:5000';
  if (!URL.canParse(trackingUri)) {
    throw new MlflowArgumentError(`trackingUri can't be read as an address; ${expected}.`);
  }
  const url = new URL(trackingUri);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new MlflowArgumentError(`trackingUri has the scheme "${url.protocol}"; ${expected}.`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw new MlflowArgumentError(`trackingUri carries a query or a fragment; ${expected}.`);
  }
  return url;
}

function decodeUserInfo(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new MlflowArgumentError('The credentials in trackingUri are not percent-encoded correctly.');
  }
}

/**
 * Checks the client's options and fills in defaults. Credentials inside the address become basic authentication and
 * leave the address, so that no message can carry them.
 * @throws MlflowArgumentError naming the option and what was expected, never its secret value
 */
export function resolveOptions(options: MlflowClientOptions): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`);
    throw new MlflowArgumentError(`The client options are not usable: ${problems.join('; ')}.`);
  }
  const { token, retries, timeoutMs } = parsed.data;
  const url = parseUrl(parsed.data.trackingUri);
  const username = parsed.data.username ?? (url.username === '' ? undefined : decodeUserInfo(url.username));
  const password = parsed.data.password ?? (url.password === '' ? undefined : decodeUserInfo(url.password));
  if (token !== undefined && (username !== undefined || password !== undefined)) {
    throw new MlflowArgumentError('Both a token and a username or password are given; give one kind of credentials.');
  }
  if ((username === undefined) !== (password === undefined)) {
    throw new MlflowArgumentError('username and password belong together; one of them is missing.');
  }
  if (username?.includes(':')) {
    throw new MlflowArgumentError("username contains a colon, which basic authentication can't carry.");
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new MlflowArgumentError("token contains a space, a line break or another character a header can't carry.");
  }
  const basic = username === undefined ? undefined : Buffer.from(`${username}:${password}`).toString('base64');
  const authorization = token !== undefined ? `Bearer ${token}` : basic !== undefined ? `Basic ${basic}` : undefined;
  const secrets = [token, password, basic, url.password].filter((secret) => secret !== undefined && secret !== '');
  return {
    baseUrl: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    authorization,
    secrets: secrets.filter((secret) => secret !== undefined),
    retries,
    timeoutMs,
    fetch: parsed.data.fetch ?? ((address, init) => fetch(address, init)),
  };
}
