import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages, type ApplySpec } from '../../src/contracts/lifecycle.js';
import { releaseMessages } from '../../src/contracts/release.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';
import { ref } from './support/world.js';

const megabytes = (count: number, letter = 'x'): string => letter.repeat(count * 1_000_000);

describe('what a message may hold', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  type Started = Awaited<ReturnType<typeof startLifecycle>>;
  /** A paused lifecycle, so that what is asked for waits in its state. */
  const paused = (play: (started: Started) => Promise<void>) =>
    onStage({
      environment,
      play: async ({ orchestration }) => {
        const started = await startLifecycle({ environment, orchestration });
        try {
          await waitFor(() => started.state().catch(() => null));
          await started.handle.executeUpdate(lifecycleMessages.pause, { args: [{ by: 'bob', reason: 'a freeze' }] });
          await play(started);
        } finally {
          await started.terminate();
        }
      },
    });
  const refusal = (update: Promise<unknown>): Promise<string> =>
    update.then(
      () => 'taken',
      (error: unknown) => {
        expect(error).to.be.instanceOf(WorkflowUpdateFailedError);
        return (error as Error & { cause: Error }).cause.message;
      },
    );

  it('of an alert: a category is cut, and the lifecycle goes on', () =>
    paused(async ({ handle, state }) => {
      for (const sort of ['a', 'b'])
        await handle.signal(lifecycleMessages.alert, {
          ...{ kind: 'drift', severity: 'critical', category: `${sort}${megabytes(1.5)}`, evidence: 'measured' },
        });
      const { queue } = await waitFor(async () => {
        const now = await state();
        return now.queue[0]?.reasons.length === 2 ? now : null;
      });
      for (const reason of queue[0]!.reasons) {
        expect(reason).to.match(/^drift: [ab]x+…: measured$/);
        expect(reason.length).to.be.lessThan(250);
      }
    }));

  it('of an update: what is too long is refused in few words', () =>
    paused(async ({ handle, state, request }) => {
      const before = await state();
      const rollBack = { to: megabytes(1.5), reason: 'r', by: 'bob' };
      expect(await refusal(handle.executeUpdate(lifecycleMessages.rollback, { args: [rollBack] }))).to.contain('to: ');
      const uri = { ref: { ...ref('spec'), uri: `store://${megabytes(1.5)}` }, by: 'bob' };
      expect(await refusal(handle.executeUpdate(lifecycleMessages.applySpec, { args: [uri] }))).to.contain('ref.uri');
      const unknown = { by: 'bob', [megabytes(1.5)]: 1 };
      const refused = await refusal(handle.executeUpdate(lifecycleMessages.resume, { args: [unknown] }));
      expect(refused).to.contain('Unrecognized key').and.to.have.length.lessThan(2100);
      for (const message of [
        { reason: megabytes(1.5) },
        { requestedBy: 'n'.repeat(201) },
        { indexVersion: megabytes(1) },
      ])
        expect(await refusal(request(message))).to.contain(Object.keys(message)[0]);
      expect(await state()).to.deep.equal(before);
    }));

  it('of an update: what nobody asked for is not kept', () =>
    paused(async ({ handle, state }) => {
      const applied = { ref: { ...ref('other'), more: megabytes(1) }, by: `${' '.repeat(500_000)}bob ` } as ApplySpec;
      await handle.executeUpdate(lifecycleMessages.applySpec, { args: [applied] });
      expect((await state()).specification).to.deep.equal(ref('other'));
    }));

  it('of the end of a release with its model: the longest reason there may be', () =>
    onStage({
      environment,
      play: async ({ orchestration }) => {
        const { handle, request, state, terminate } = await startLifecycle({ environment, orchestration });
        try {
          await waitFor(() => state().catch(() => null));
          const { releaseId } = await request();
          const release = environment.client.workflow.getHandle(`release:${releaseId}`);
          await waitFor(() => release.query(releaseMessages.progress).catch(() => null));
          const removal = { reason: 'no longer wanted '.repeat(118).slice(0, 2000), by: 'bob', endRelease: true };
          await handle.executeUpdate(lifecycleMessages.remove, { args: [removal] });
          expect(await release.result()).to.deep.include({ outcome: 'cancelled' });
        } finally {
          await terminate();
        }
      },
    }));
});
