import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../../src/activities/index.js';
import { lifecycleMessages, type RequestRelease } from '../../../src/contracts/lifecycle.js';
import { workflowIds } from '../../../src/contracts/names.js';
import type { LifecycleState } from '../../../src/domain/release/lifecycle-state.js';
import { modelLifecycle } from '../../../src/workflows/model-lifecycle.js';
import { onStage, type StageSet } from './stage.js';
import { ref, type Script } from './world.js';

export interface PlayedLifecycle extends StageSet {
  model: string;
  handle: WorkflowHandle<typeof modelLifecycle>;
  state(): Promise<LifecycleState>;
  request(message?: Partial<RequestRelease>): Promise<{ decision: string; releaseId: string | null; reason: string }>;
  schedule(): Promise<void>;
  alert(message?: { kind?: string; category?: string }): Promise<void>;
  /** Lets an hour pass, again and again, until so many releases have ended. */
  ended(count: number): Promise<LifecycleState>;
}

const rollout = { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] } };

/** Starts a model's lifecycle; the caller terminates it. */
export async function startLifecycle({
  environment,
  orchestration,
  model = `m${randomUUID().slice(0, 8)}`,
}: {
  environment: Pick<TestWorkflowEnvironment, 'client'>;
  /** Name of its task queue. */
  orchestration: string;
  model?: string;
}) {
  const handle = await environment.client.workflow.start(modelLifecycle, {
    workflowId: workflowIds.lifecycle(model),
    taskQueue: orchestration,
    args: [{ model, specification: ref('spec'), state: null }],
  });
  return {
    model,
    handle,
    state: (): Promise<LifecycleState> => handle.query(lifecycleMessages.describe),
    request: (message: Partial<RequestRelease> = {}) =>
      handle.executeUpdate(lifecycleMessages.requestRelease, {
        args: [{ kind: 'training', reason: 'new data', requestedBy: 'ann', priority: 'normal', ...message }],
      }),
    terminate: () => handle.terminate('the test is over').catch(() => undefined),
  };
}

/** Plays with a lifecycle of its own on the time-skipping server; what is left of it is terminated afterwards. */
export const withLifecycle = ({
  environment,
  script = {},
  activities = {},
  play,
}: {
  environment: TestWorkflowEnvironment;
  script?: Script;
  activities?: Partial<Activities>;
  play: (played: PlayedLifecycle) => Promise<void>;
}): Promise<void> =>
  onStage({
    environment,
    script: { rollout, ...script },
    activities,
    play: async (set) => {
      const { terminate, ...lifecycle } = await startLifecycle({ environment, orchestration: set.orchestration });
      const { handle, state } = lifecycle;
      const alert = ({ kind = 'drift', category }: { kind?: string; category?: string } = {}) =>
        handle.signal(lifecycleMessages.alert, {
          ...{ kind, severity: 'critical', category: category ?? null, evidence: '' },
        });
      try {
        await play({
          ...{ ...set, ...lifecycle, alert },
          schedule: () => alert({ kind: 'schedule' }),
          ended: async (count) => {
            for (;;) {
              const now = await state();
              if (now.ended.length >= count && !now.running) return now;
              await environment.sleep('1 hour');
            }
          },
        });
      } finally {
        await terminate();
      }
    },
  });
