import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
const { EventType } = proto.temporal.api.enums.v1;

export interface HistoryCount {
  events: number;
  /** The queue of each activity, in the order they were scheduled in each history. */
  queues: string[];
  timers: number;
  workflowTasks: number;
  children: number;
}

/** What so many histories hold together. */
export function countHistory(histories: History[]): HistoryCount {
  const events = histories.flatMap((history) => history.events ?? []);
  const types = events.map((event) => event.eventType);
  const count = (type: proto.temporal.api.enums.v1.EventType): number => types.filter((one) => one === type).length;
  return {
    events: types.length,
    queues: events.flatMap((event) => event.activityTaskScheduledEventAttributes?.taskQueue?.name ?? []),
    timers: count(EventType.EVENT_TYPE_TIMER_STARTED),
    workflowTasks: count(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED),
    children: count(EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED),
  };
}
