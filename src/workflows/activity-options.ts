import {
  ActivityCancellationType,
  proxyActivities,
  workflowInfo,
  type ActivityInterfaceFor,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { queueName, taskQueues, type TaskQueue } from '../contracts/names.js';
import { shownSummary } from '../contracts/shown-text.js';

/**
 * How each kind of activity is bounded: by attempt and in all. Retries are Temporal's alone; the activities mark what
 * is not worth one.
 */
const profiles = {
  /** A short call to an outside system; outlives an outage of hours. */
  quickCall: {
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '12 hours',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  },
  /** The same where somebody waits for it: people are told of what could not be done in time. */
  briefCall: {
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' },
  },
  /** The same where it is tried again later, and what people ask for meanwhile must not wait behind it. */
  singleTry: {
    startToCloseTimeout: '10 seconds',
    scheduleToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  },
  /** Work of minutes that reports its cursor and goes on from it. */
  longWork: {
    startToCloseTimeout: '6 hours',
    scheduleToCloseTimeout: '2 days',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  },
  /** Waiting for something outside that lasts hours or weeks, in slices. */
  longPoll: {
    startToCloseTimeout: '2 hours',
    scheduleToCloseTimeout: '60 days',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 1, maximumInterval: '2 seconds' },
  },
  /** Traffic must be given back however long it takes. */
  trafficChange: {
    startToCloseTimeout: '10 seconds',
    scheduleToCloseTimeout: '60 days',
    retry: { initialInterval: '200 milliseconds', backoffCoefficient: 1.5, maximumInterval: '2 seconds' },
  },
} satisfies Record<string, ActivityOptions>;

/** For an effect that is undone when it is cancelled: the undoing waits until the effect can't land any more. */
export const untilLanded: ActivityOptions = {
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** The queue-name prefix of the deployment this workflow runs in, from its own queue. */
function queuePrefix(): string {
  const own = workflowInfo().taskQueue;
  return own.slice(0, own.length - taskQueues.orchestration.length);
}

/** The activities, bounded as `profile` says, on `queue`; `summary` is what an operator reads in the Temporal UI. */
export function activitiesFor({
  profile,
  queue,
  summary,
  options = {},
}: {
  profile: keyof typeof profiles;
  queue: TaskQueue;
  summary: string;
  options?: ActivityOptions;
}): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    ...profiles[profile],
    taskQueue: queueName({ prefix: queuePrefix(), queue }),
    summary: shownSummary(summary),
    ...options,
  });
}
