import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { ref, type Script } from './support/world.js';

const rollout = { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] } };

describe('modelLifecycle workflow', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment.teardown());

  /** Plays with a lifecycle of its own; it is terminated afterwards. */
  async function withLifecycle(
    script: Script,
    play: (set: StageSet & { model: string; handle: WorkflowHandle<typeof modelLifecycle> }) => Promise<void>,
  ): Promise<void> {
    await onStage({
      environment,
      script: { rollout, ...script },
      play: async (set) => {
        const model = `m${randomUUID().slice(0, 8)}`;
        const handle = await environment.client.workflow.start(modelLifecycle, {
          workflowId: `model:${model}`,
          taskQueue: set.orchestration,
          args: [{ model, specification: ref('spec'), state: null }],
        });
        try {
          await play({ ...set, model, handle });
        } finally {
          await handle.terminate('the test is over');
        }
      },
    });
  }

  const request = (handle: WorkflowHandle<typeof modelLifecycle>, reason = 'new data') =>
    handle.executeUpdate(lifecycleMessages.requestRelease, {
      args: [{ kind: 'training', reason, requestedBy: 'ann', priority: 'normal' }],
    });

  /** Lets time pass until so many releases have ended. */
  async function ended(handle: WorkflowHandle<typeof modelLifecycle>, count: number): Promise<LifecycleState> {
    for (;;) {
      const state = await handle.query(lifecycleMessages.describe);
      if (state.ended.length >= count) return state;
      await environment.sleep('1 hour');
    }
  }

  it('runs releases one after the other and keeps champion and previous champion', () =>
    withLifecycle({}, async ({ handle, model, world }) => {
      expect(await request(handle)).to.include({ decision: 'queued', releaseId: `${model}-r1` });
      expect(await request(handle)).to.include({ decision: 'queued', releaseId: `${model}-r2` });
      expect(await request(handle, 'again')).to.include({ decision: 'coalesced', releaseId: `${model}-r2` });
      const state = await ended(handle, 2);
      expect(state.ended.map((one) => [one.releaseId, one.outcome])).to.deep.equal([
        [`${model}-r1`, 'promoted'],
        [`${model}-r2`, 'promoted'],
      ]);
      expect(state.champion?.releaseId).to.equal(`${model}-r2`);
      expect(state.previous.map((one) => one.releaseId)).to.deep.equal([`${model}-r1`]);
      expect(state.spentUsd.usd).to.equal(4);
      expect(world.plans.map((plan) => plan.revision)).to.deep.equal(world.plans.map((_, index) => index + 1));
      expect([...world.jobs.keys()]).to.deep.equal([`train-${model}-r1`, `train-${model}-r2`]);
    }));

  it('takes a finished promotion back on request and fences the later writer out', () =>
    withLifecycle({}, async ({ handle, model, world }) => {
      await request(handle);
      await ended(handle, 1);
      await request(handle);
      await ended(handle, 2);
      const answer = await handle.executeUpdate(lifecycleMessages.rollback, {
        args: [{ to: null, reason: 'customers complain', by: 'ann' }],
      });
      expect(answer).to.include({ champion: `${model}-r1`, reason: 'rollback by ann: customers complain' });
      expect(answer.time!.gateways.map(({ gateway }) => gateway)).to.deep.equal(['g1']);
      const plan = (await world.router.read({ model }))!;
      expect(plan.champion.releaseId).to.equal(`${model}-r1`);
      expect(plan.owner.workflowId).to.equal(`model:${model}`);
      expect(world.served.has(`${model}-r1`)).to.equal(true);
      const state = await handle.query(lifecycleMessages.describe);
      expect(state.champion?.releaseId).to.equal(`${model}-r1`);
      expect(state.ended.at(-1)).to.include({ outcome: 'promoted' });
      expect(state.ended.at(-1)?.withdrawnAt).to.be.a('string');
      const late = world.router.write({
        model,
        owner: { workflowId: `release:${model}-r2`, epoch: plan.owner.epoch - 2 },
        change: { challengerShare: 0, reason: 'late' },
        expectedRevision: null,
      });
      expect(await late.catch((error: { type: string }) => error.type)).to.equal('PlanFenced');
    }));

  it('answers a schedule and a critical alert, and waits while paused', () =>
    withLifecycle({}, async ({ handle, model }) => {
      await handle.executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'holiday', by: 'ann' }] });
      await handle.signal(lifecycleMessages.alert, {
        kind: 'schedule',
        severity: 'info',
        category: null,
        evidence: '',
      });
      await environment.sleep('1 day');
      const paused = await handle.query(lifecycleMessages.describe);
      expect(paused.ended).to.have.length(0);
      expect(paused.queue.map((one) => one.trigger)).to.deep.equal(['schedule']);
      await handle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'ann' }] });
      expect((await ended(handle, 1)).champion?.releaseId).to.equal(`${model}-r1`);
    }));

  it('refuses a malformed request with every field named', () =>
    withLifecycle({}, async ({ handle }) => {
      const refused = await handle
        .executeUpdate(lifecycleMessages.requestRelease, {
          args: [{ kind: 'magic', reason: '', requestedBy: 'ann' } as never],
        })
        .catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(WorkflowUpdateFailedError);
      expect((refused as WorkflowUpdateFailedError).cause?.message).to.match(/kind: .*reason: /);
    }));

  it('remembers everything over continue-as-new, in histories that stay short', () =>
    withLifecycle(
      { evaluation: (releaseId) => (releaseId.endsWith('-r1') ? 'pass' : 'fail') },
      async ({ handle, model }) => {
        const releases = 12;
        for (let number = 1; number <= releases; number += 1) {
          await request(handle, `month ${number}`);
          await ended(handle, number);
          while ((await handle.query(lifecycleMessages.describe)).running) await environment.sleep('1 hour');
        }
        for (let alert = 0; alert < 400; alert += 1)
          await handle.signal(lifecycleMessages.alert, {
            kind: 'drift',
            severity: 'info',
            category: null,
            evidence: `${alert}`,
          });
        await environment.sleep('1 hour');
        const state = await handle.query(lifecycleMessages.describe);
        expect(state.releaseCount).to.equal(releases);
        expect(state.champion?.releaseId).to.equal(`${model}-r1`);
        const description = await handle.describe();
        expect(description.historyLength).to.be.lessThan(2000);
      },
    ));
});
