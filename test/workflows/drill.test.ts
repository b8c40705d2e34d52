import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages, type DrillResult } from '../../src/contracts/lifecycle.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withLifecycle, type PlayedLifecycle } from './support/lifecycle.js';

describe('drill of a rollback', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const drill = (handle: PlayedLifecycle['handle']): Promise<DrillResult> =>
    handle.executeUpdate(lifecycleMessages.drill, { args: [{ share: 0.05, reason: 'quarterly', by: 'bob' }] });
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
      environment,
      play: async ({ world, request, handle, ended, model }) => {
        expect(await refusalOf(drill(handle))).to.match(/has no champion, so there is nothing to rehearse/);
        await request();
        await ended(1);
        const before = world.plans.length;
        expect(await drill(handle)).to.include({ seconds: 1.2 });
        const plans = world.plans.slice(before);
        expect(
          plans.map((plan) => [plan.champion.releaseId, plan.challenger?.releaseId ?? null, plan.challengerShare]),
        ).to.deep.equal([
          [`${model}-r1`, `${model}-r1`, 0.05],
          [`${model}-r1`, null, 0],
        ]);
        expect(plans[0]!.lease).to.not.equal(null);
        expect(plans[1]).to.include({ lease: null, reason: 'drill by bob: quarterly: taken back' });
        const measured = world.calls.filter(({ name }) => name === 'measureRollback').map(({ input }) => input);
        expect(measured.map((one) => (one as { revision: number }).revision)).to.deep.equal(
          plans.map((plan) => plan.revision),
        );
        // A release after it is not fenced out.
        await request();
        await ended(2);
        expect(world.closed.at(-1)!.outcome).to.equal('promoted');
      },
    }));

  it('takes the share back when nobody could be asked', () => {
    let broken = false;
    return withLifecycle({
      environment,
      script: { fail: (activity) => (broken && activity === 'measureRollback' ? 'the store is gone' : null) },
      play: async ({ world, request, handle, ended, model }) => {
        await request();
        await ended(1);
        broken = true;
        expect(await refusalOf(drill(handle))).to.match(/the store is gone|Activity task failed/);
        expect((await world.router.read({ model }))!).to.deep.include({ challenger: null, challengerShare: 0 });
      },
    });
  });
});
