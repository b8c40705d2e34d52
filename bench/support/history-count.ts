import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
const { EventType } = proto.temporal.api.enums.v1;

/** An activity by its queue, or a child by its own steps. */
export type Step = string | Step[];

/** What a workflow has begun, one after the other, and with it its children. */
export async function stepsOf(history: History, historyOf: (workflowId: string) => Promise<History>): Promise<Step[]> {
  const steps: Step[] = [];
  for (const event of history.events ?? []) {
    const queue = event.activityTaskScheduledEventAttributes?.taskQueue?.name;
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    if (queue) steps.push(queue);
    if (child) steps.push(await stepsOf(await historyOf(child), historyOf));
  }
  return steps;
}

/** The queues of all activities among steps, those of children too. */
export const queuesOf = (steps: Step[]): string[] =>
  steps.flatMap((step) => (typeof step === 'string' ? [step] : queuesOf(step)));

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
