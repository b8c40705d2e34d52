import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { hideSecrets, withoutSecrets, type HideSecrets } from './hide-secrets.js';
import { PortError } from './ports.js';

/** Turns what a port says into what Temporal acts on: retried or not, and after how long. */
export function toFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (!(error instanceof PortError)) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: error.type,
    nonRetryable: !error.retryable,
    cause: error,
    ...(error.retryAfterMilliseconds === null ? {} : { nextRetryDelay: error.retryAfterMilliseconds }),
  });
}

type AnyActivity = (...inputs: never[]) => Promise<unknown>;

/** The same activities, each throwing what `toFailure` makes of its errors, without a secret in their words. */
export function withFailures<T extends Record<string, AnyActivity>>(
  activities: T,
  hide: HideSecrets = hideSecrets([]),
): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...inputs: never[]) => {
      try {
        return await activity(...inputs);
      } catch (error) {
        throw toFailure(withoutSecrets(error, hide));
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}
