import { Context } from '@temporalio/activity';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import type { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withReleases, type PromotedReleases } from './support/promoted-releases.js';
import { waitFor } from './support/started-release.js';
import { ref, verdict } from './support/world.js';

/** Works until it is told to end, which an activity learns by its heartbeats. */
async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const beating = setInterval(() => context.heartbeat(), 100);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beating);
  }
}

describe("a person's rollback", function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const notified = ({ world }: Pick<PromotedReleases, 'world'>) =>
    world.calls
      .filter((call) => call.name === 'sendNotification')
      .map((call) => call.input as { key: string; severity: string; title: string; body: string });

  it('ends a release that trains, with its reason, and stops the job', () => {
    let watched = 0;
    return withReleases({
      environment,
      count: 1,
      script: { fail: (name) => (name === 'watchTraining' && (watched += 1) === 2 ? untilCancelled() : null) },
      play: async ({ model, world, rollBack, request, ended }) => {
        await request();
        await waitFor(async () => (watched === 2 ? true : null));
        expect((await rollBack()).champion).to.equal(`${model}-r1`);
        const { ended: all, champion } = await ended(2);
        expect(all.at(-1)).to.deep.include({
          outcome: 'cancelled',
          stage: 'training',
          reasons: ['cancelled by ann: customers complain'],
        });
        expect(world.jobs.get(`train-${model}-r2`)).to.equal('stopped');
        expect(champion?.releaseId).to.equal(`${model}-r1`);
        expect([...world.served]).to.deep.equal([`${model}-r1`]);
      },
    });
  });

  it('is refused where the model is just being unloaded, so that nothing is loaded again', () => {
    let letGo: (value: null) => void = () => undefined;
    const unloaded = new Promise<null>((resolve) => (letGo = resolve));
    return withReleases({
      environment,
      count: 1,
      script: { fail: (name) => (name === 'retireModel' ? unloaded : null) },
      play: async ({ model, world, handle, rollBack }) => {
        await handle.executeUpdate(lifecycleMessages.remove, {
          args: [{ reason: 'the shop closes', by: 'ann', endRelease: false }],
        });
        await waitFor(async () => (world.names().includes('retireModel') ? true : null));
        const refused = rollBack(`${model}-r1`).catch((error: WorkflowUpdateFailedError) => error.cause?.message);
        await waitFor(async () => {
          const { events } = await handle.fetchHistory();
          const accepted = events!.filter((one) => one.workflowExecutionUpdateAcceptedEventAttributes);
          return accepted.length >= 2 ? true : null;
        });
        const deployed = world.names().filter((name) => name === 'deployRelease').length;
        letGo(null);
        expect(await refused).to.equal(`${model} was removed by ann (the shop closes) and serves nothing`);
        await handle.result();
        expect([...world.served]).to.deep.equal([]);
        expect(world.names().filter((name) => name === 'deployRelease')).to.have.length(deployed);
      },
    });
  });

  it('asked for twice does not go back to the release that users were taken off, unless that is named', () =>
    withReleases({
      environment,
      count: 2,
      play: async ({ model, world, rollBack, state }) => {
        const champion = async () => (await world.router.read({ model }))!.champion.releaseId;
        await rollBack();
        const refused = await rollBack().catch((error: unknown) => error);
        expect((refused as WorkflowUpdateFailedError).cause?.message).to.contain(`"--to ${model}-r2"`);
        expect(await champion()).to.equal(`${model}-r1`);
        await rollBack(`${model}-r2`);
        expect(await champion()).to.equal(`${model}-r2`);
        expect((await state()).ended.map(({ withdrawnAt }) => withdrawnAt === null)).to.deep.equal([false, true]);
      },
    }));

  it('is told to people once, and recorded once the users are back, though the store was away', () =>
    withReleases({
      environment,
      count: 2,
      play: async (play) => {
        const { model, world, away, rollBack, state } = play;
        const release = `${model}-r2`;
        away.add('recordWithdrawal').add('sendNotification');
        const before = world.names().length;
        expect((await rollBack()).champion).to.equal(`${model}-r1`);
        const names = world.names().slice(before);
        expect(world.audited.at(-1)).to.deep.include({
          ...{ kind: 'rollback', actor: 'ann', releaseId: release, reason: 'rollback by ann: customers complain' },
        });
        expect(names.indexOf('recordWithdrawal')).to.be.greaterThan(names.indexOf('restoreChampion'));
        const [left] = (await state()).unfinishedReturn!.withdrawals!;
        expect(left).to.deep.include({
          releaseId: release,
          to: `${model}-r1`,
          by: 'ann',
          reason: 'customers complain',
        });
        expect((await state()).ended.at(-1)!.withdrawnAt).to.equal(left!.at);
        expect(world.withdrawn).to.deep.equal([]);
        away.clear();
        await rollBack(release);
        expect(world.withdrawn).to.deep.equal([release, `${model}-r1`]);
        expect((await state()).unfinishedReturn).to.equal(null);
        const told = notified(play).filter(({ title }) => title.includes('users were taken off'));
        expect(told.at(-1)).to.deep.include({
          ...{ severity: 'warning', body: 'rollback by ann: customers complain' },
          title: `${model}: users were taken off ${model}-r1 and given to ${release}`,
        });
        expect(new Set(told.map(({ key }) => key)).size, 'one key a rollback').to.equal(2);
      },
    }));

  it('records also a withdrawal that a promotion came before', () =>
    withReleases({
      environment,
      count: 2,
      play: async ({ model, world, away, rollBack, request, ended }) => {
        away.add('recordWithdrawal');
        await rollBack();
        await request();
        await waitFor(async () => (world.names().filter((name) => name === 'closeRelease').length > 2 ? true : null));
        away.clear();
        expect((await ended(3)).champion?.releaseId).to.equal(`${model}-r3`);
        await environment.sleep('2 hours');
        expect(world.withdrawn).to.include(`${model}-r2`);
      },
    }));

  it('no longer serves the champion that it withdraws', () =>
    withReleases({
      environment,
      count: 2,
      play: async ({ model, world, rollBack }) => {
        await rollBack();
        expect([...world.served]).to.deep.equal([`${model}-r1`]);
      },
    }));

  it('writes the plan though nothing can be served or moved now, and tells people what is left', () =>
    withReleases({
      environment,
      count: 2,
      play: async (play) => {
        const { model, world, away, rollBack, state } = play;
        away.add('deployRelease').add('moveAliases');
        const { champion, reason } = await rollBack();
        expect(champion).to.equal(`${model}-r1`);
        expect((await world.router.read({ model }))!.champion.releaseId).to.equal(`${model}-r1`);
        expect(reason).to.equal(
          'rollback by ann: customers complain; not undone: serving: deployRelease is away; not undone: aliases: moveAliases is away',
        );
        expect((await state()).champion?.releaseId).to.equal(`${model}-r1`);
        expect(notified(play).at(-1)).to.deep.include({
          severity: 'critical',
          body: 'not undone: serving: deployRelease is away\nnot undone: aliases: moveAliases is away',
        });
        away.clear();
        expect((await rollBack(`${model}-r1`)).reason).to.equal('rollback by ann: customers complain');
        expect(world.served.has(`${model}-r1`)).to.equal(true);
        expect(world.aliases).to.deep.equal({ champion: `version of ${model}-r1`, challenger: null });
      },
    }));

  it('finishes later, by itself, what a rollback could not do in time, and says so', () =>
    withReleases({
      environment,
      count: 2,
      play: async (play) => {
        const { model, world, away, rollBack, state } = play;
        const hour = () => environment.sleep('1 hour');
        away.add('deployRelease').add('moveAliases').add('retireRelease');
        await rollBack();
        expect((await state()).unfinishedReturn?.notUndone).to.have.length(3);
        await hour();
        expect((await state()).unfinishedReturn?.tries).to.be.at.least(2);
        expect(world.aliases['champion']).to.equal(`version of ${model}-r2`);
        away.clear();
        await hour();
        expect((await state()).unfinishedReturn).to.equal(null);
        expect(world.aliases).to.deep.equal({ champion: `version of ${model}-r1`, challenger: null });
        expect([...world.served]).to.deep.equal([`${model}-r1`]);
        expect(notified(play).at(-1)).to.deep.include({ severity: 'info' });
        expect(notified(play).at(-1)!.body).to.contain('moveAliases is away');
        const calls = world.calls.length;
        await hour();
        expect(world.calls.length, 'nothing is tried any more').to.equal(calls);
      },
    }));

  it('does not undo a later promotion with what an earlier rollback left', () =>
    withReleases({
      environment,
      count: 2,
      play: async ({ model, world, away, rollBack, request, ended, state }) => {
        away.add('moveAliases');
        await rollBack();
        await request();
        await waitFor(async () => (world.names().includes('closeRelease') ? true : null));
        away.clear();
        const after = await ended(3);
        expect(after.champion?.releaseId).to.equal(`${model}-r3`);
        expect(after.unfinishedReturn?.notUndone).to.deep.equal([]);
        await environment.sleep('2 hours');
        expect((await state()).unfinishedReturn).to.equal(null);
        expect(world.aliases['champion']).to.equal(`version of ${model}-r3`);
      },
    }));

  it('does not wait for hours behind a spec that can not be read', () =>
    withReleases({
      environment,
      count: 2,
      play: async ({ model, away, rollBack, world }) => {
        away.add('readSpecification');
        const applied = environment.client.workflow
          .getHandle<typeof modelLifecycle>(`model:${model}`)
          .executeUpdate(lifecycleMessages.applySpec, { args: [{ ref: ref('other'), by: 'bob' }] })
          .catch((error: unknown) => error);
        await waitFor(async () =>
          world.names().filter((name) => name === 'readSpecification').length > 1 ? true : null,
        );
        expect((await rollBack()).champion).to.equal(`${model}-r1`);
        expect(await applied).to.be.instanceOf(WorkflowUpdateFailedError);
      },
    }));

  it('changes nothing where the target can never be served', () => {
    let broken = false;
    return withReleases({
      environment,
      count: 2,
      script: { fail: (name) => (broken && name === 'deployRelease' ? 'the adapter is gone' : null) },
      play: async ({ model, world, rollBack, state }) => {
        broken = true;
        const refused = await rollBack().catch((error: unknown) => error);
        expect((refused as WorkflowUpdateFailedError).cause?.message).to.equal('the adapter is gone');
        expect((await world.router.read({ model }))!.champion.releaseId).to.equal(`${model}-r2`);
        expect((await state()).champion?.releaseId).to.equal(`${model}-r2`);
      },
    });
  });

  it('says in the outcome of a release, and to people, what could not be undone', () => {
    let promotions = 0;
    return withReleases({
      environment,
      count: 1,
      script: {
        bake: () => verdict((promotions += 1) === 2 ? 'fail' : 'pass'),
        fail: (name) => (promotions === 2 && name === 'moveAliases' ? 'MLflow refuses' : null),
      },
      play: async (play) => {
        await play.request();
        const { ended } = await play.ended(2);
        expect(ended.at(-1)!.reasons).to.deep.equal(['fail for the test', 'not undone: aliases: MLflow refuses']);
        expect(notified(play).filter((one) => one.severity === 'critical')).to.have.length(1);
        expect(notified(play).at(-1)!.body).to.equal('not undone: aliases: MLflow refuses');
      },
    });
  });
});
