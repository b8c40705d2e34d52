import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { startRelease, waitFor } from './support/started-release.js';
import { ref, type Script } from './support/world.js';

describe('a lifecycle that was lost', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('goes on from what is there, and ends the release that it had left running', () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const script: Script = {
      rollout: { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] } },
    };
    return onStage({
      environment,
      script,
      play: async (set) => {
        // The release goes on in its canary while nobody is left who has started it.
        const running = await startRelease({ environment, set, model });
        await running.reached('canary');
        await waitFor(async () => ((await running.plan()).challengerShare > 0 ? true : null));
        const { champion } = running.input;
        script.remains = {
          releaseCount: 2,
          epoch: 10,
          champion,
          previous: [],
          ended: [],
          spentUsd: { month: '2026-01', usd: 7 },
          unfinished: `${model}-r2`,
        };
        const handle = await environment.client.workflow.start(modelLifecycle, {
          workflowId: workflowIds.lifecycle(model),
          taskQueue: set.orchestration,
          args: [{ model, specification: ref('spec'), state: null }],
        });
        try {
          const { outcome, reasons } = await running.handle.result();
          expect(outcome).to.equal('cancelled');
          expect(reasons).to.deep.equal([`cancelled by model:${model}: the lifecycle began again after it was lost`]);
          const plan = await running.plan();
          expect(plan).to.deep.include({ challenger: null, owner: { workflowId: `model:${model}`, epoch: 11 } });
          expect(plan.champion.releaseId).to.equal(champion!.releaseId);
          const late = set.world.router.write({
            model,
            owner: { workflowId: running.handle.workflowId, epoch: running.input.epoch },
            change: { challengerShare: 0, reason: 'late' },
            expectedRevision: null,
          });
          expect(await late.catch((error: { type: string }) => error.type)).to.equal('PlanFenced');
          const request = {
            kind: 'training' as const,
            reason: 'test',
            requestedBy: 'ann',
            priority: 'normal' as const,
          };
          const asked = await handle.executeUpdate(lifecycleMessages.requestRelease, { args: [request] });
          expect(asked.releaseId).to.equal(`${model}-r3`);
          const state = await handle.query(lifecycleMessages.describe);
          expect(state).to.deep.include({ champion, spentUsd: { month: '2026-01', usd: 7 } });
        } finally {
          await handle.terminate('the test is over');
        }
      },
    });
  });
});
