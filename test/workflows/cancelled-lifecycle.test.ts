import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { hold } from './support/hold.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';

const rollout = {
  approval: { automatic: true },
  canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
  bake: { duration: 'PT0S' },
};
const told = { by: 'bob', reason: 'a test' };

describe('a lifecycle that is cancelled as a workflow', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('goes on with its release, its queue and what people ask of it', () => {
    const held = hold({ activity: 'assessStep' });
    return onStage({
      environment,
      script: { rollout, fail: held.fail },
      play: async ({ world, orchestration }) => {
        const { handle, model, state, request, terminate } = await startLifecycle({ environment, orchestration });
        const ended = (count: number) =>
          waitFor(async () => {
            const now = await state();
            return now.ended.length >= count ? now : null;
          });
        try {
          await request();
          await ended(1);
          await request();
          await held.reached;
          await request({ requestedBy: 'carol' });
          await handle.cancel();

          await handle.executeUpdate(lifecycleMessages.pause, { args: [told] });
          held.letGo();
          const paused = await ended(2);
          expect(paused.champion?.releaseId).to.equal(`${model}-r2`);
          expect(paused.queue.map(({ releaseId }) => releaseId)).to.deep.equal([`${model}-r3`]);
          await handle.executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, ...told }] });
          expect((await world.router.read({ model }))!.champion.releaseId).to.equal(`${model}-r1`);
          await handle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'bob' }] });
          expect((await ended(3)).champion?.releaseId).to.equal(`${model}-r3`);
          await handle.executeUpdate(lifecycleMessages.remove, { args: [{ ...told, endRelease: false }] });
          await handle.result();
          expect([...world.served]).to.deep.equal([]);
        } finally {
          held.letGo();
          await terminate();
        }
      },
    });
  });
});
