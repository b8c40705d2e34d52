import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { lifecycleMessages, type RequestReleaseResult } from '../../src/contracts/lifecycle.js';
import { fairnessOf, queueName, searchAttributes, workflowIds } from '../../src/contracts/names.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { ref } from '../../test/workflows/support/world.js';
import { bareActivities, emptyWorkflows } from './control-plane-workflows.js';
import { stepsOf, type Step } from './history-count.js';

/** Between two looks at what has not begun, or is not known yet. */
const shortestPause = 50;
const longestPause = 1000;

/** What people and services do with lifecycles whose activities answer at once. */
export function createLifecycles({ client, queuePrefix }: { client: Client; queuePrefix: string }) {
  const { workflow } = client;
  const taskQueue = queueName({ prefix: queuePrefix, queue: 'orchestration' });
  const handleOf = (model: string) => workflow.getHandle(workflowIds.lifecycle(model));

  const state = (model: string): Promise<LifecycleState> => handleOf(model).query(lifecycleMessages.describe);

  /** Changes nothing, and is answered once the lifecycle has read its spec. */
  const touch = (model: string): Promise<void> =>
    handleOf(model).executeUpdate(lifecycleMessages.resume, { args: [{ by: 'bench' }] });

  /** A lifecycle takes requests from its start on. */
  async function begin(model: string, specification = ref('spec')): Promise<void> {
    await workflow.start('modelLifecycle', {
      workflowId: workflowIds.lifecycle(model),
      taskQueue,
      priority: fairnessOf(model),
      typedSearchAttributes: [{ key: searchAttributes.model, value: model }],
      args: [{ model, specification, state: null }],
    });
  }

  /** Resolves once it has read its spec. */
  async function start(model: string): Promise<void> {
    await begin(model);
    await touch(model);
  }

  const ask = (model: string): Promise<RequestReleaseResult> =>
    handleOf(model).executeUpdate(lifecycleMessages.requestRelease, {
      args: [{ kind: 'training', reason: 'bench', requestedBy: 'bench', priority: 'normal' }],
    });

  /** How a release ended, once its lifecycle knows it too. It is listened for, since asking again costs the server. */
  async function outcome({ model, releaseId }: { model: string; releaseId: string }): Promise<string> {
    const handle = workflow.getHandle(workflowIds.release(releaseId));
    for (let pause = shortestPause; ; pause = Math.min(2 * pause, longestPause)) {
      try {
        await handle.result();
        const ended = (await state(model)).ended.find((one) => one.releaseId === releaseId);
        if (ended) return ended.outcome;
      } catch (error) {
        // Asked for, and not begun yet.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      await wait(pause);
    }
  }

  return {
    ...{ begin, start, touch, state, ask, outcome },
    /** A release from the request to its end: how it ended. */
    release: async (model: string): Promise<string> => {
      const { releaseId, reason } = await ask(model);
      return releaseId === null ? `refused: ${reason}` : await outcome({ model, releaseId });
    },
    /** All activities and children of a lifecycle until now. */
    stepsOf: async (model: string): Promise<Step[]> => {
      const historyOf = (workflowId: string) => workflow.getHandle(workflowId).fetchHistory();
      return await stepsOf(await historyOf(workflowIds.lifecycle(model)), historyOf);
    },
    /** As many activities on the same queues, one after the other, and nothing else. */
    bare: (queues: string[]): Promise<void> =>
      workflow.execute(bareActivities, { workflowId: `bare:${randomUUID()}`, taskQueue, args: [{ queues }] }),
    /** The same workflows with the same activities, and nothing else. */
    empty: (steps: Step[]): Promise<void> =>
      workflow.execute(emptyWorkflows, { workflowId: `empty:${randomUUID()}`, taskQueue, args: [{ steps }] }),
    end: (model: string): Promise<unknown> => handleOf(model).terminate('the bench is over'),
  };
}
export type Lifecycles = ReturnType<typeof createLifecycles>;
