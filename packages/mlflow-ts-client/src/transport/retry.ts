import { MlflowApiError, MlflowConnectionError, MlflowError, MlflowRateLimitError } from '../errors.js';
import { wait } from './deadline.js';

const firstPauseMs = 200;
const longestPauseMs = 10_000;

/**
 * Whether an attempt that failed may be made again. A call that isn't safe to repeat is repeated only when the server
 * certainly did nothing: the connection was never made, or the server turned the request away (429).
 */
export function mayRepeat(input: { error: unknown; idempotent: boolean }): boolean {
  const { error, idempotent } = input;
  if (!(error instanceof MlflowError) || !error.retryable) return false;
  if (idempotent) return true;
  return error instanceof MlflowRateLimitError || (error instanceof MlflowConnectionError && error.neverSent);
}

/** Milliseconds before attempt `attempt + 1` (the first is 0): what the server asked for, else doubling with jitter. */
export function pauseBefore(input: { error: unknown; attempt: number; random: number }): number {
  const asked = input.error instanceof MlflowApiError ? input.error.retryAfterMs : undefined;
  if (asked !== undefined) return Math.min(asked, longestPauseMs);
  const ceiling = Math.min(firstPauseMs * 2 ** input.attempt, longestPauseMs);
  return Math.round(ceiling * (0.5 + input.random / 2));
}

/** Runs `attempt` until it succeeds, fails for good, or `retries` repetitions are used up. */
export async function withRetries<Result>(input: {
  attempt: () => Promise<Result>;
  retries: number;
  idempotent: boolean;
  signal: AbortSignal | undefined;
}): Promise<Result> {
  for (let made = 0; ; made += 1) {
    try {
      return await input.attempt();
    } catch (error) {
      if (made >= input.retries || !mayRepeat({ error, idempotent: input.idempotent })) throw error;
      await wait({ ms: pauseBefore({ error, attempt: made, random: Math.random() }), signal: input.signal });
    }
  }
}
