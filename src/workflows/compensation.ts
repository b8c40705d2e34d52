import { CancellationScope, log } from '@temporalio/workflow';

/** What undoes the effects of a workflow, registered before each effect and run last in, first out. */
export interface Compensations {
  add(input: { name: string; undo: () => Promise<unknown> }): void;
  /** Forgets one whose effect somebody else has undone. */
  drop(name: string): void;
  /** Forgets all, once the effects have become what is wanted. */
  clear(): void;
  /** Runs all, even when the workflow is cancelled; one that fails is logged and does not stop the others. */
  run(): Promise<void>;
}

export function createCompensations(): Compensations {
  let steps: { name: string; undo: () => Promise<unknown> }[] = [];
  return {
    add: (step) => {
      steps.push(step);
    },
    drop: (name) => {
      steps = steps.filter((step) => step.name !== name);
    },
    clear: () => {
      steps = [];
    },
    run: () =>
      CancellationScope.nonCancellable(async () => {
        for (let step = steps.pop(); step; step = steps.pop()) {
          try {
            await step.undo();
          } catch (error) {
            log.error('compensation failed', { step: step.name, error: String(error) });
          }
        }
      }),
  };
}
