import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from './answerer.js';
import type { Clock } from './clock.js';
import { HttpError } from './http-error.js';
import type { KeyRecord, KeyRing, Scope } from './key-ring.js';
import type { LimitDecision, RateLimiter } from './rate-limit.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The API key's record, set before a route that needs a scope runs. */
    apiKey: KeyRecord | null;
  }
}

/** A hook that lets only keys with the scope in, within their rate: 403, 429 with `retry-after`. */
export function requireScope({
  scope,
  keys,
  limiter,
  clock,
  bearer = false,
}: {
  scope: Scope;
  keys: KeyRing;
  limiter: RateLimiter;
  clock: Clock;
  /** Also takes `authorization: Bearer`, as OpenAI's clients send it. */
  bearer?: boolean;
}) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const now = clock();
    const presented = presentedKey({ request, bearer });
    if (presented === null) throw new HttpError(403, 'x-api-key is missing; send the API key in this header');
    const record = keys.find({ key: presented, now });
    if (record === null) throw new HttpError(403, 'x-api-key is unknown or expired; ask for a new key');
    if (!record.scopes.includes(scope))
      throw new HttpError(403, `the API key ${record.id} may ${record.scopes.join(', ')}, this needs ${scope}`);
    const { id, rate, quotaPerDay: quota } = record;
    const decision = limiter.take({ id, rate, quota, now });
    void reply.headers({
      'ratelimit-limit': decision.limit,
      'ratelimit-remaining': decision.remaining,
      'ratelimit-reset': decision.resetSeconds,
      'ratelimit-policy': decision.policy,
    });
    if (!decision.allowed) throw tooMany({ id, decision });
    request.apiKey = record;
    await Promise.resolve();
  };
}

function tooMany({ id, decision }: { id: string; decision: LimitDecision }): HttpError {
  const { by, limit, retryAfterSeconds } = decision;
  const said = by === 'quota' ? `sent its ${limit} requests of today` : `sent more than ${limit} requests at once`;
  return new HttpError(429, `the API key ${id} ${said}`, { 'retry-after': String(retryAfterSeconds) });
}

/** A hook that turns requests away while too many are open, before their bodies are read: 503. */
export const requirePlace =
  ({ admission }: { admission: Admission }) =>
  async (): Promise<void> => {
    admission.requirePlace();
    await Promise.resolve();
  };

/** The record that `requireScope` found; a route without that hook is a mistake of ours. */
export function keyOf(request: FastifyRequest): KeyRecord {
  if (!request.apiKey) throw new Error(`${request.url} asks for an API key but does not require one`);
  return request.apiKey;
}

function presentedKey({ request, bearer }: { request: FastifyRequest; bearer: boolean }): string | null {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string' && header !== '') return header;
  const token = bearer ? /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] : undefined;
  return token ?? null;
}
