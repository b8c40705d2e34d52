import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { scheduleIdsOf } from '../../src/client/model-schedules.js';
import { runningState } from '../../src/client/running-lifecycle.js';
import { UnderstudyClient } from '../../src/client/understudy-client.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import type { Notification } from '../../src/activities/ports.js';
import { localEnvironment, timeSkippingEnvironment } from '../support/temporal.js';
import { startLifecycle, withLifecycle, type PlayedLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';
import { ref, type World } from './support/world.js';

const remove = { reason: 'the shop closes', by: 'ann', endRelease: false };

const told = (world: World): string[] =>
  world.calls
    .filter(({ name }) => name === 'sendNotification')
    .map(({ input }) => input as Notification)
    .filter(({ key }) => key.includes('/removal-'))
    .map(({ title }) => title);

describe('a model that is removed', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment.teardown());

  it('lets its release go to its end, starts nothing more and serves nothing', () =>
    withLifecycle({
      environment,
      play: async ({ request, ended, handle, model, world, state }) => {
        await request();
        await ended(1);
        await request();
        await request({ reason: 'one more', kind: 'prompt' });
        const answer = await handle.executeUpdate(lifecycleMessages.remove, { args: [remove] });
        expect(answer).to.deep.equal({ waitsFor: `${model}-r2`, left: null });
        expect((await state()).queue).to.deep.equal([]);
        expect(await request()).to.include({
          ...{ decision: 'refused', reason: `${model} is being removed by ann: the shop closes` },
        });
        const applied = await handle
          .executeUpdate(lifecycleMessages.applySpec, { args: [{ ref: ref('new'), by: 'bob' }] })
          .catch((error: unknown) => error);
        expect(applied).to.be.instanceOf(WorkflowUpdateFailedError);
        await handle.result();
        expect(world.closed.map(({ outcome }) => outcome)).to.deep.equal(['promoted', 'promoted']);
        expect([...world.served]).to.deep.equal([]);
        expect((await world.router.read({ model }))!.champion.releaseId).to.equal(`${model}-r2`);
      },
    }));

  // The time-skipping server loses a workflow task that cancels an activity which ends in the same moment.
  it('ends its release at once where that is asked for', async () => {
    const real = await localEnvironment();
    try {
      await withLifecycle({
        environment: real,
        script: { rollout: { canary: { steps: [{ share: '5%' }] } } },
        play: async ({ request, handle, world }) => {
          await request();
          await handle.executeUpdate(lifecycleMessages.remove, { args: [{ ...remove, endRelease: true }] });
          await handle.result();
          expect(world.closed.map(({ outcome }) => outcome)).to.deep.equal(['cancelled']);
          expect(world.closed[0]!.reasons.join()).to.match(/cancelled by ann: .* is removed: the shop closes/);
          expect([...world.served]).to.deep.equal([]);
        },
      });
    } finally {
      await real.teardown();
    }
  });
});

describe('a removal that can not unload the model yet', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment.teardown());

  /** Removes a model with a champion whose unloading fails as `problem` says, which a test changes. */
  const play = (
    problem: () => string | null,
    played: (set: PlayedLifecycle) => Promise<void>,
    where: TestWorkflowEnvironment = environment,
  ) =>
    withLifecycle({
      environment: where,
      script: {
        rollout: {
          approval: { automatic: true },
          canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
          bake: { duration: 'PT0S' },
        },
        fail: (name) => (name === 'retireModel' ? problem() : null),
      },
      play: async (set) => {
        await set.request();
        await waitFor(async () => ((await set.state()).champion ? true : null));
        expect(await set.handle.executeUpdate(lifecycleMessages.remove, { args: [remove] })).to.deep.equal({
          ...{ waitsFor: null, left: null },
        });
        await played(set);
      },
    });
  const triedAgain = ({ state }: PlayedLifecycle, tries: number) =>
    waitFor(async () => {
      const { removal } = await state();
      return (removal?.left?.tries ?? -1) >= tries ? removal!.left : null;
    });

  it('is tried again until it is done; people are told once of the cause, and of the end', () => {
    let problem: string | null = 'MLflow says 403';
    return play(
      () => problem,
      async (set) => {
        const { handle, world, model } = set;
        expect(await triedAgain(set, 0)).to.include({ cause: 'Scripted', problem: 'MLflow says 403' });
        await environment.sleep('4 hours');
        expect((await triedAgain(set, 5)).tries).to.be.below(20);
        expect(told(world)).to.deep.equal([`${model} is not removed yet`]);
        const rolledBack = await handle
          .executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, reason: 'r', by: 'bob' }] })
          .catch((error: Error) => (error.cause as Error).message);
        expect(rolledBack).to.equal(`${model} was removed by ann (the shop closes) and serves nothing`);

        problem = null;
        await environment.sleep('31 minutes');
        await handle.result();
        expect([...world.served]).to.deep.equal([]);
        expect(told(world)).to.deep.equal([
          `${model} is not removed yet`,
          `${model} is removed: what was left is done`,
        ]);
        const steps = world.calls.flatMap(({ name, input }) =>
          name === 'retireModel' ? (input as { step: string }).step : [],
        );
        expect(new Set(steps)).to.have.length(1);
      },
    );
  });

  it('is remembered by a lifecycle that continues as new meanwhile', () => {
    let problem: string | null = 'MLflow says 403';
    return play(
      () => problem,
      async (set) => {
        const { handle, world, model } = set;
        const { runId } = await handle.describe();
        await waitFor(async () => {
          await environment.sleep('1 day');
          return (await handle.describe()).runId === runId ? null : true;
        });
        const rolledBack = await handle
          .executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, reason: 'r', by: 'bob' }] })
          .catch((error: Error) => (error.cause as Error).message);
        expect(rolledBack).to.equal(`${model} was removed by ann (the shop closes) and serves nothing`);
        problem = null;
        await environment.sleep('31 minutes');
        await handle.result();
        expect(told(world)).to.have.length(2);
      },
    );
  });

  it('is tried again at once where somebody asks again', async () => {
    const real = await localEnvironment();
    let problem: string | null = 'MLflow says 403';
    try {
      await play(
        () => problem,
        async (set) => {
          const { handle, world, model } = set;
          await triedAgain(set, 0);
          problem = null;
          const client = UnderstudyClient.over({ temporal: real.client, store: world.store });
          expect(await client.remove({ model, ...remove, by: 'bob' })).to.deep.equal({
            ...{ waitsFor: null, left: 'MLflow says 403', hadLifecycle: true },
          });
          await handle.result();
          expect([...world.served]).to.deep.equal([]);
        },
        real,
      );
    } finally {
      await real.teardown();
    }
  });
});

describe('the Schedules of a model that is removed', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('end though no lifecycle is left, unless the message is refused', async () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const scheduleId = scheduleIdsOf(model).retraining;
    await environment.client.schedule.create({
      scheduleId,
      spec: { cronExpressions: ['0 3 1 * *'] },
      action: { type: 'startWorkflow', workflowType: 'scheduledTrigger', taskQueue: 'nobody', args: [{ model }] },
    });
    const client = UnderstudyClient.over({ temporal: environment.client, store: null as never });
    const answer = (message: typeof remove) =>
      client.remove({ model, ...message }).then(
        ({ hadLifecycle }) => (hadLifecycle ? 'a lifecycle' : 'the rest'),
        (error: Error) => error.name,
      );
    const schedules = async () => {
      const found: string[] = [];
      for await (const one of environment.client.schedule.list()) found.push(one.scheduleId);
      return found;
    };
    expect(await answer({ ...remove, reason: '' })).to.equal('WorkflowNotFoundError');
    expect(await schedules()).to.include(scheduleId);
    expect(await answer(remove)).to.equal('the rest');
    await waitFor(async () => ((await schedules()).includes(scheduleId) ? null : true));
    expect(await answer(remove)).to.equal('WorkflowNotFoundError');
  });

  it('can be removed where its lifecycle could not begin, which answers nothing', () =>
    onStage({
      environment,
      script: { fail: (activity) => (activity === 'openLifecycle' ? 'there is no record' : null) },
      play: async ({ orchestration }) => {
        const { model, handle } = await startLifecycle({ environment, orchestration });
        expect(await handle.result().then(() => 'began', String)).to.contain('WorkflowFailedError');
        expect(await runningState({ temporal: environment.client, model })).to.equal(null);
      },
    }));
});
