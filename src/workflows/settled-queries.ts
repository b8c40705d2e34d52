import { workflowInfo, type ActivateInput, type WorkflowInterceptors } from '@temporalio/workflow';
import { endedField, unsettled } from '../contracts/unsettled.js';

/** How the SDK's core names a query that the server handed out by itself, not with a task. */
const directQuery = 'legacy_query';
/** For how long a query may still belong to what was played last: a worker that takes longer has lost its task as well. */
const doubtMilliseconds = 10_000;

/**
 * Refuses a query of a state that no workflow task may have led to, whereupon the worker forgets that state.
 *
 * A worker that is handed a query together with events which no task has taken yet applies them, answers, and goes on
 * from there: the next task finds their effects done, and what people send with it is judged by a state that a replay
 * will not have reached at that place. The workflow could never be replayed again.
 * See docs/decisions/2026-11-22-queries-never-see-ahead.md.
 */
export const interceptors = (): WorkflowInterceptors =>
  createSettledQueries({ now: () => workflowInfo().unsafe.now() });

/** `now` is the clock on the wall, in milliseconds: the one of workflows stands still while they are played. */
export function createSettledQueries({ now: clock }: { now: () => number }): WorkflowInterceptors {
  let last: { started: string; length: number } | null = null;
  let ahead = false;
  /** What was played first after a replay: for a task, or for the query that comes next. */
  let first: { started: string; at: number } | null = null;
  let isReplayed = false;
  let isSettled = false;

  function take({ timestamp, historyLength, isReplaying }: ActivateInput['activation']): void {
    const now = { started: `${String(timestamp?.seconds)}.${timestamp?.nanos}`, length: historyLength ?? 0 };
    // Each task has a start of its own. More history under the same one came with a query.
    ahead ||= !isReplaying && last !== null && last.started === now.started && last.length < now.length;
    last = now;
    if (isReplaying) isReplayed = true;
    // Whoever saw the beginning, or a second start, was there for a task.
    else if (!isReplayed || (first !== null && first.started !== now.started)) isSettled = true;
    else first = { started: now.started, at: clock() };
  }

  /** A task that gave the workflow nothing to do shows no start, and one that another worker has is not done. */
  const isDoubtful = (): boolean => !isSettled && first !== null && clock() - first.at < doubtMilliseconds;

  return {
    internals: [
      {
        activate: (input, next) => {
          const { jobs } = input.activation;
          const query = jobs?.find(({ queryWorkflow }) => queryWorkflow)?.queryWorkflow;
          if (!query) take(input.activation);
          // A query that came with a task may see what the task has brought; to refuse it would fail the task.
          else if (query.queryId === directQuery) {
            const isEnded = query.headers?.[endedField] !== undefined;
            if (!isEnded && (ahead || isDoubtful()))
              throw new Error(`${unsettled}: the workflow may have news that no task of it has taken; ask again`);
            isSettled = true;
          }
          next(input);
        },
      },
    ],
  };
}
