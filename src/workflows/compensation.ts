import { CancellationScope, log } from '@temporalio/workflow';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';

/** A step that could not be undone, and why. */
export interface NotUndone {
  name: string;
  reason: string;
}

/** What undoes the effects of a workflow, registered before each effect and run last in, first out. */
export interface Compensations {
  add(input: { name: string; undo: () => Promise<unknown> }): void;
  /** Forgets one whose effect somebody else has undone. */
  drop(name: string): void;
  /** Forgets all, once the effects have become what is wanted. */
  clear(): void;
  /** Runs all, even when the workflow is cancelled; returns those that failed, which do not stop the others. */
  run(): Promise<NotUndone[]>;
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
        const failed: NotUndone[] = [];
        for (let step = steps.pop(); step; step = steps.pop()) {
          try {
            await step.undo();
          } catch (error) {
            log.error('compensation failed', { step: step.name, error: String(error) });
            failed.push({ name: step.name, reason: rootMessage(error) });
          }
        }
        return failed;
      }),
  };
}

/**
 * Runs all compensations. What could not be undone must not look as if it were: people are told at once, and the
 * answer, one reason a step, belongs into the outcome.
 */
export async function undoAll({
  compensations,
  model,
  releaseId,
  where,
}: {
  compensations: Compensations;
  model: string;
  releaseId: string;
  where: string;
}): Promise<string[]> {
  const reasons = (await compensations.run()).map(({ name, reason }) => `not undone: ${name}: ${reason}`);
  if (reasons.length === 0) return reasons;
  const { sendNotification } = activitiesFor({
    profile: 'briefCall',
    queue: 'orchestration',
    summary: 'tell people what could not be undone',
  });
  await CancellationScope.nonCancellable(() =>
    sendNotification({
      key: `${releaseId}/not-undone-${where}`,
      severity: 'critical',
      title: `${releaseId}: not everything was undone`,
      body: reasons.join('\n'),
      model,
      releaseId,
    }),
  ).catch((error: unknown) => log.error('nobody was told', { error: rootMessage(error) }));
  return reasons;
}
