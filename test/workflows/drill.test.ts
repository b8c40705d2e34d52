import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages, type DrillResult } from '../../src/contracts/lifecycle.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { waitFor } from './support/started-release.js';
import { ref } from './support/world.js';

describe('drill of a rollback', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const withLifecycle = ({
    fail = () => null,
    play,
  }: {
    fail?: (activity: string) => string | null;
    play: (lifecycle: Awaited<ReturnType<typeof start>> & { set: StageSet; model: string }) => Promise<void>;
  }): Promise<void> =>
    onStage({
      environment,
      script: { rollout: { approval: { automatic: true } }, fail },
      play: async (set) => {
        const model = `m${randomUUID().slice(0, 8)}`;
        const lifecycle = await start(set, model);
        try {
          await play({ ...lifecycle, set, model });
        } finally {
          await lifecycle.handle.terminate('the test is over');
        }
      },
    });

  async function start({ orchestration }: StageSet, model: string) {
    const handle = await environment.client.workflow.start(modelLifecycle, {
      workflowId: `model:${model}`,
      taskQueue: orchestration,
      args: [{ model, specification: ref('spec'), state: null }],
    });
    const request = () =>
      handle.executeUpdate(lifecycleMessages.requestRelease, {
        args: [{ kind: 'training', reason: 'test', requestedBy: 'ann', priority: 'normal' }],
      });
    const drill = (): Promise<DrillResult> =>
      handle.executeUpdate(lifecycleMessages.drill, { args: [{ share: 0.05, reason: 'quarterly', by: 'bob' }] });
    const ended = async (count: number) => {
      await environment.sleep('2 days');
      return await waitFor(async () =>
        (await handle.query(lifecycleMessages.describe)).ended.length === count ? true : null,
      );
    };
    return { handle, request, drill, ended };
  }
  const refusalOf = async (update: Promise<unknown>): Promise<string> => {
    const error = await update.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(WorkflowUpdateFailedError);
    return (error as WorkflowUpdateFailedError).cause!.message;
  };

  it('gives a share to the champion itself and takes it back, timed', () =>
    withLifecycle({
      play: async ({ set, request, drill, ended, model }) => {
        expect(await refusalOf(drill())).to.match(/has no champion, so there is nothing to rehearse/);
        await request();
        await ended(1);
        const before = set.world.plans.length;
        expect(await drill()).to.include({ seconds: 1.2 });
        const plans = set.world.plans.slice(before);
        expect(
          plans.map((plan) => [plan.champion.releaseId, plan.challenger?.releaseId ?? null, plan.challengerShare]),
        ).to.deep.equal([
          [`${model}-r1`, `${model}-r1`, 0.05],
          [`${model}-r1`, null, 0],
        ]);
        expect(plans[0]!.lease).to.not.equal(null);
        expect(plans[1]).to.include({ lease: null, reason: 'drill by bob: quarterly: taken back' });
        const measured = set.world.calls.filter(({ name }) => name === 'measureRollback').map(({ input }) => input);
        expect(measured.map((one) => (one as { revision: number }).revision)).to.deep.equal(
          plans.map((plan) => plan.revision),
        );
        // A release after it is not fenced out.
        await request();
        await ended(2);
        expect(set.world.closed.at(-1)!.outcome).to.equal('promoted');
      },
    }));

  it('takes the share back when nobody could be asked', () => {
    let broken = false;
    return withLifecycle({
      fail: (activity) => (broken && activity === 'measureRollback' ? 'the store is gone' : null),
      play: async ({ set, request, drill, ended, model }) => {
        await request();
        await ended(1);
        broken = true;
        expect(await refusalOf(drill())).to.match(/the store is gone|Activity task failed/);
        expect((await set.world.router.read({ model }))!).to.deep.include({ challenger: null, challengerShare: 0 });
      },
    });
  });
});
