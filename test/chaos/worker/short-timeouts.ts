import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

const shortMilliseconds = 8000;

const atMost = (limit: number, duration: unknown): number => {
  if (typeof duration === 'number') return Math.min(limit, duration);
  return limit;
};

/**
 * How soon a lost worker is noticed, and nothing else: an attempt without heartbeats may take 8 s, heartbeats may be 8 s
 * apart, and the next attempt begins within 2 s. The product waits up to a minute for the same.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const { options } = input;
        const beats = options.heartbeatTimeout !== undefined;
        return next({
          ...input,
          options: {
            ...options,
            ...(beats
              ? { heartbeatTimeout: shortMilliseconds }
              : { startToCloseTimeout: atMost(shortMilliseconds, options.startToCloseTimeout) }),
            retry: { ...options.retry, initialInterval: 300, maximumInterval: 2000 },
          },
        });
      },
    },
  ],
});
