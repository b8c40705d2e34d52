import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { Notification } from '../../src/activities/ports.js';
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

describe('a first release that is lost', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  const cases = [
    { lost: 'rollout', activity: 'smokeTest', serves: false },
    // Has begun to move when the rollout is lost, and lands afterwards.
    { lost: 'rollout', activity: 'writePlan', serves: true },
    { lost: 'rollout', activity: 'assessBake', serves: true },
    { lost: 'release', activity: 'smokeTest', serves: false },
    { lost: 'release', activity: 'assessBake', serves: true },
    { lost: 'release', activity: 'closeRelease', serves: true },
  ];
  for (const { lost, activity, serves } of cases)
    it(`with its ${lost} in ${activity} ${serves ? 'is the champion, as it serves everyone' : 'leaves nothing'}`, () => {
      const held = hold({ activity });
      return onStage({
        environment,
        script: { rollout, fail: held.fail },
        play: async ({ world, orchestration }) => {
          const { model, state, request, terminate } = await startLifecycle({ environment, orchestration });
          const ended = (count: number) =>
            waitFor(async () => {
              const now = await state();
              return now.ended.length >= count ? now : null;
            });
          try {
            await request();
            await held.reached;
            await environment.client.workflow.getHandle(`${lost}:${model}-r1`).terminate('a test');
            setTimeout(held.letGo, 500);
            const first = await ended(1);
            expect(first.ended[0]!.outcome).to.equal(serves ? 'promoted' : 'failed');
            const plan = await world.router.read({ model });
            const champion = serves ? `${model}-r1` : undefined;
            expect(first.champion?.releaseId).to.equal(champion);
            expect(plan?.champion.releaseId).to.equal(champion);
            expect([...world.served]).to.deep.equal(serves ? [champion] : []);
            expect(world.aliases['champion'] ?? null).to.equal(serves ? `version of ${champion}` : null);

            // The next one is compared with what serves.
            await request();
            const second = await ended(2);
            expect(second.champion?.releaseId).to.equal(`${model}-r2`);
            const assessed = world.calls.filter(({ name }) => name === 'assessStep');
            expect(assessed.length > 0).to.equal(serves);
          } finally {
            held.letGo();
            await terminate();
          }
        },
      });
    });

  it('keeps nobody waiting, is told of, and is champion once it can be found out', () => {
    const held = hold({ activity: 'assessBake' });
    let isAway = true;
    return onStage({
      environment,
      script: {
        rollout,
        fail: (activity) => (activity === 'endLostRelease' && isAway ? 'the registry refuses' : held.fail(activity)),
      },
      play: async ({ world, orchestration }) => {
        const { model, state, request, terminate } = await startLifecycle({ environment, orchestration });
        try {
          await request();
          await held.reached;
          await environment.client.workflow.getHandle(`rollout:${model}-r1`).terminate('a test');
          held.letGo();
          const told = await waitFor(async () => {
            const calls = world.calls.filter(({ name }) => name === 'sendNotification');
            const messages = calls.map(({ input }) => input as Notification);
            return messages.find(({ title }) => title === `${model}-r1 was lost, and may serve everyone`) ?? null;
          });
          expect(told.severity).to.equal('critical');
          expect(told.body).to.contain('the registry refuses');
          expect((await request()).decision).to.equal('queued');
          const waiting = await state();
          expect([waiting.running?.releaseId, waiting.champion]).to.deep.equal([`${model}-r1`, null]);

          isAway = false;
          const { ended } = await waitFor(async () => {
            const now = await state();
            return now.ended.length === 2 ? now : null;
          });
          expect(ended.map(({ outcome, champion }) => [outcome, champion])).to.deep.equal([
            ['promoted', `${model}-r1`],
            ['promoted', `${model}-r2`],
          ]);
        } finally {
          held.letGo();
          await terminate();
        }
      },
    });
  });
});
