import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { UnderstudyClient } from '../../src/client/understudy-client.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { withLifecycle, type PlayedLifecycle } from './support/lifecycle.js';
import { waitFor } from './support/started-release.js';
import { ref } from './support/world.js';

const rollout = {
  approval: { automatic: true },
  canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
  bake: { duration: 'PT0S' },
};

/** Makes the lifecycle continue as new, as it does after so many messages. */
async function continued({ handle }: PlayedLifecycle): Promise<void> {
  const { runId } = await handle.describe();
  const note = { kind: 'note', severity: 'info' as const, category: null, evidence: '' };
  await Promise.all(Array.from({ length: 1100 }, () => handle.signal(lifecycleMessages.alert, note)));
  await waitFor(async () => ((await handle.describe()).runId === runId ? null : true));
}

describe('a message that is sent again after the lifecycle continued as new', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  const candidate = { releaseId: 'm-r0', version: '3', adapter: null, indexVersion: null, specification: ref('spec') };
  const play = (played: (set: PlayedLifecycle & { client: UnderstudyClient }) => Promise<void>) =>
    withLifecycle({
      environment,
      script: { rollout, candidate: () => ({ by: 'ann', candidate }) },
      play: async (set) => {
        await waitFor(() =>
          set.state().then(
            () => true,
            () => null,
          ),
        );
        await played({
          ...set,
          client: UnderstudyClient.over({ temporal: environment.client, store: set.world.store }),
        });
      },
    });

  it('is answered as before where it asked for a release or a version', () =>
    play(async (set) => {
      const { client, model, handle, state } = set;
      await client.pause({ model, by: 'bob', reason: 'holiday' });
      const ask = () => client.requestRelease({ model, reason: 'nightly', requestedBy: 'shop', requestId: 'tonight' });
      const askVersion = () =>
        client.requestRollout({ model, version: '3', reason: 'the old one', requestedBy: 'eve', requestId: 'version' });
      const first = [await ask(), await askVersion()];
      expect(first.map(({ decision, releaseId }) => [decision, releaseId])).to.deep.equal([
        ['queued', `${model}-r1`],
        ['queued', `${model}-r2`],
      ]);
      await continued(set);
      expect([await ask(), await askVersion()]).to.deep.equal(first);
      expect((await state()).releaseCount).to.equal(2);
      const other = await client.requestRelease({ model, reason: 'r', requestedBy: 'shop', requestId: 'tomorrow' });
      expect(other.decision).to.equal('coalesced');
      await handle.terminate();
    }));

  it('rolls back, pauses and applies once', () =>
    play(async (set) => {
      const { handle, state, request, world, model } = set;
      for (const count of [1, 2]) {
        await request();
        await waitFor(async () => ((await state()).ended.length === count ? true : null));
      }
      const rollBack = () =>
        handle.executeUpdate(lifecycleMessages.rollback, {
          args: [{ to: null, reason: 'customers complain', by: 'ann' }],
          updateId: 'back',
        });
      const pause = (updateId: string) =>
        handle.executeUpdate(lifecycleMessages.pause, { args: [{ by: 'bob', reason: updateId }], updateId });
      const apply = (name: string) =>
        handle.executeUpdate(lifecycleMessages.applySpec, {
          args: [{ ref: ref(name), by: 'ann' }],
          updateId: `apply ${name}`,
        });
      const first = await rollBack();
      expect(first.champion).to.equal(`${model}-r1`);
      await pause('holiday');
      await pause('toggle');
      await apply('old');
      await apply('new');
      await continued(set);
      const audits = () =>
        world.audited.filter(({ kind }) => kind === 'pause').map(({ actor, reason }) => [actor, reason]);
      expect(await rollBack()).to.deep.equal(first);
      await pause('holiday');
      await apply('old');
      expect((await state()).champion?.releaseId).to.equal(`${model}-r1`);
      expect((await state()).specification.uri).to.equal('store://new');
      expect((await state()).paused?.reason).to.equal('toggle');
      expect(audits()).to.deep.equal([
        ['bob', 'paused: holiday'],
        ['bob', 'paused: toggle'],
      ]);

      await handle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'mallory' }], updateId: 'toggle' });
      expect((await state()).paused).to.equal(null);
      expect(audits().at(-1)).to.deep.equal(['mallory', 'resumed']);
      const steps = world.calls.flatMap(({ name, input }) =>
        name === 'readSpecification' ? (input as { step: string }).step : [],
      );
      expect(new Set(steps)).to.have.length(2);
    }));
});
