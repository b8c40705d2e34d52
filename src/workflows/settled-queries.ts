import type { ActivateInput, WorkflowInterceptors } from '@temporalio/workflow';
import { unsettled } from '../contracts/unsettled.js';

/**
 * Refuses a query of a state that no workflow task has led to, whereupon the worker forgets that state.
 *
 * A worker that is handed a query together with events which no task has taken yet applies them, answers, and goes on
 * from there: the next task finds their effects done, and what people send with it is judged by a state that a replay
 * will not have reached at that place. The workflow could never be replayed again.
 * See docs/decisions/2026-11-22-queries-never-see-ahead.md.
 */
export function interceptors(): WorkflowInterceptors {
  let last: { started: string; length: number } | null = null;
  let ahead = false;

  function take({ timestamp, historyLength, isReplaying }: ActivateInput['activation']): void {
    const now = { started: `${String(timestamp?.seconds)}.${timestamp?.nanos}`, length: historyLength ?? 0 };
    // Each task has a start of its own. More history under the same one came with a query.
    ahead ||= !isReplaying && last !== null && last.started === now.started && last.length < now.length;
    last = now;
  }

  return {
    internals: [
      {
        activate: (input, next) => {
          const { activation } = input;
          const isQuery = activation.jobs?.some(({ queryWorkflow }) => queryWorkflow) ?? false;
          if (!isQuery) take(activation);
          else if (ahead)
            throw new Error(`${unsettled}: the workflow has news that no task of it has taken; ask again`);
          next(input);
        },
      },
    ],
  };
}
