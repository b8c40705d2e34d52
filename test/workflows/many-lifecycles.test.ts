import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { initialState, startNext, admitRequest } from '../../src/domain/release/admission.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';
import { ref } from './support/world.js';

/** More than a worker has slots for quick work. */
const waiting = 25;

describe('many lifecycles on one worker', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('await their releases without taking the slots that a release needs to end', async () => {
    let awaited = 0;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    await onStage({
      environment,
      script: {
        rollout: {
          ...{ approval: { automatic: true }, bake: { duration: 'PT0S' } },
          canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
        },
      },
      activities: {
        awaitRelease: async () => {
          awaited += 1;
          await ended;
          return {
            ...{ releaseId: 'r', outcome: 'failed', stage: 'training', reasons: [], kept: null },
            ...{ costUsd: 0, seconds: 1, record: null, withdrawnAt: null },
          };
        },
      },
      play: async ({ orchestration }) => {
        const now = new Date().toISOString();
        const { workflow } = environment.client;
        const others = await Promise.all(
          Array.from({ length: waiting }, (_, index) => {
            const model = `waits-${index}`;
            const settings = { cooldownMilliseconds: 0, monthlyBudgetUsd: null, keepReleases: 3, quietHours: null };
            const { state } = admitRequest({
              state: initialState({ model, specification: ref('spec'), settings, now }),
              request: { kind: 'training', trigger: 'person', priority: 'normal', requestedBy: 'ann', reason: 'data' },
              now,
            });
            return workflow.start(modelLifecycle, {
              workflowId: workflowIds.lifecycle(model),
              taskQueue: orchestration,
              // As one that has continued as new while its release runs.
              args: [{ model, specification: null, state: startNext({ state, now }) }],
            });
          }),
        );
        await waitFor(async () => (awaited === waiting ? true : null));
        const { handle, request, terminate } = await startLifecycle({ environment, orchestration });
        await request();
        const state = await waitFor(async () => {
          const found = await handle.query(lifecycleMessages.describe);
          return found.ended.length > 0 ? found : null;
        });
        expect(state.ended[0]).to.include({ outcome: 'promoted' });
        end();
        await terminate();
        await Promise.all(others.map((one) => one.terminate('the test is over').catch(() => undefined)));
      },
    }).finally(() => end());
  });
});
