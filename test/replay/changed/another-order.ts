import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

const instead: Record<string, string> = { startTraining: 'watchTraining', watchTraining: 'startTraining' };

/** Makes of the workflows some that were changed without thought: they watch the training before they start it. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) =>
        next({ ...input, activityType: instead[input.activityType] ?? input.activityType }),
    },
  ],
});
