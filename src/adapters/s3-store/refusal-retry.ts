import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { awsErrorOf } from '../aws/aws-failure.js';

type Strategy = Extract<NonNullable<S3ClientConfig['retryStrategy']>, { refreshRetryTokenForRetry: unknown }>;

const attempts = 5;
const firstMilliseconds = 100;
const longestMilliseconds = 2_000;

const tokenOf = ({ count, delay }: { count: number; delay: number }) => ({
  getRetryCount: () => count,
  getRetryDelay: () => delay,
});

/**
 * Asks again where S3 refuses a request because it has too many (503, 429), up to 5 times, after a random part of a
 * wait that doubles ("full jitter": Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015). A refusal
 * has changed nothing, so any request may be asked again; what got no answer may have been done, and is left to whoever
 * asked. `random` draws from 0 to 1.
 */
export function refusalRetry({ random = Math.random }: { random?: () => number } = {}): Strategy {
  return {
    acquireInitialRetryToken: () => Promise.resolve(tokenOf({ count: 0, delay: 0 })),
    refreshRetryTokenForRetry: (token, { error }) => {
      const count = token.getRetryCount() + 1;
      if (count >= attempts || !isRefusal(error)) return Promise.reject(error ?? new Error('no reason was given'));
      const longest = Math.min(longestMilliseconds, firstMilliseconds * 2 ** (count - 1));
      return Promise.resolve(tokenOf({ count, delay: Math.round(random() * longest) }));
    },
    recordSuccess: () => undefined,
  };
}

function isRefusal(error: unknown): boolean {
  const { name, status } = awsErrorOf(error);
  return status === 503 || status === 429 || name === 'SlowDown';
}
