import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

const attemptMilliseconds = 5000;
/** Some activities give a sign of life every five seconds. */
const heartbeatMilliseconds = 8000;
export const workflowTaskMilliseconds = 4000;

const atMost = (limit: number, duration: unknown): number => {
  if (typeof duration === 'number') return Math.min(limit, duration);
  return limit;
};

/**
 * How soon a lost worker is noticed, and nothing else: an attempt without heartbeats may take 5 s, heartbeats may be 8 s
 * apart, a step of a workflow may take 4 s, and the next attempt begins within 2 s. The product waits up to a minute for
 * the same.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      startChildWorkflowExecution: (input, next) =>
        next({ ...input, options: { ...input.options, workflowTaskTimeout: workflowTaskMilliseconds } }),
      scheduleActivity: (input, next) => {
        const { options } = input;
        const beats = options.heartbeatTimeout !== undefined;
        return next({
          ...input,
          options: {
            ...options,
            ...(beats
              ? { heartbeatTimeout: heartbeatMilliseconds }
              : { startToCloseTimeout: atMost(attemptMilliseconds, options.startToCloseTimeout) }),
            retry: { ...options.retry, initialInterval: 300, maximumInterval: 2000 },
          },
        });
      },
    },
  ],
});
