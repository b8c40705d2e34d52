import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { Notification } from '../../src/activities/ports.js';
import { errorMessage } from '../../src/client/cli/command-context.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { waitsForBudget } from '../../src/domain/release/monthly-budget.js';
import { waitsForTime } from '../../src/domain/release/queue-holds.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withLifecycle, type PlayedLifecycle } from './support/lifecycle.js';
import { waitFor } from './support/started-release.js';
import { ref } from './support/world.js';

const timeOfDay = (at: number): string => new Date(at).toISOString().slice(11, 16);

describe('triggers of a lifecycle', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment.teardown());

  it('wait together while a release runs, an alert before a schedule', () =>
    withLifecycle({
      environment,
      play: async ({ request, schedule, alert, ended, handle, state, model }) => {
        await request();
        await ended(1);
        await handle.executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'holiday', by: 'ann' }] });
        await request({ kind: 'prompt' });
        await schedule();
        await schedule();
        await alert({ kind: 'thumbsDown', category: 'delivery' });
        await environment.sleep('1 minute');
        const { queue } = await state();
        expect(queue.map(({ releaseId, kind, priority }) => [releaseId, kind, priority])).to.deep.equal([
          [`${model}-r3`, 'training', 'high'],
          [`${model}-r2`, 'prompt', 'normal'],
        ]);
        expect(queue[0]!.requestedBy).to.deep.equal(['schedule', 'alert:thumbsDown']);
        expect(queue[0]!.reasons).to.deep.equal(['schedule', 'thumbsDown: delivery']);
        await handle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'ann' }] });
        const after = await ended(3);
        expect(after.ended.map((one) => one.releaseId)).to.deep.equal([`${model}-r1`, `${model}-r3`, `${model}-r2`]);
      },
    }));

  it('wait for the end of quiet hours, but for a person', async () => {
    const now = await environment.currentTimeMs();
    const hour = 3_600_000;
    const quietHours = { from: timeOfDay(now - hour), to: timeOfDay(now + 20 * hour), timezone: 'UTC' };
    await withLifecycle({
      environment,
      script: { settings: { quietHours } },
      play: async ({ request, alert, state, ended, model }) => {
        await alert();
        await environment.sleep('10 seconds');
        const held = await state();
        expect(held.running).to.equal(null);
        expect(held.queue.map((one) => one.trigger)).to.deep.equal(['drift']);
        expect((await request({ kind: 'training', trigger: 'api', requestedBy: 'shop' })).decision).to.equal(
          'coalesced',
        );
        expect((await state()).running).to.equal(null);
        await request({ reason: 'it is urgent' });
        const { champion } = await ended(1);
        expect(champion?.releaseId).to.equal(`${model}-r1`);
        await alert();
        const later = await ended(2);
        const startedAt = Date.parse(later.ended[1]!.endedAt) - later.ended[1]!.seconds * 1000;
        expect(timeOfDay(startedAt)).to.equal(quietHours.to);
      },
    });
  });

  it('wait for the end of the cooldown where they came while a release ran, but for a person', () =>
    withLifecycle({
      environment,
      script: { settings: { cooldownMilliseconds: 7 * 86_400_000 } },
      play: async ({ request, alert, state, ended, model }) => {
        await request();
        await alert();
        await ended(1);
        await request({ kind: 'prompt' });
        const asked = await ended(2);
        expect(asked.ended.map((one) => one.releaseId)).to.deep.equal([`${model}-r1`, `${model}-r3`]);
        const held = await state();
        expect(held.queue.map((one) => one.releaseId)).to.deep.equal([`${model}-r2`]);
        const now = new Date(await environment.currentTimeMs()).toISOString();
        expect(waitsForTime({ state: held, now })).to.match(
          new RegExp(`^cooldown after ${model}-r3: what waits starts at`),
        );
        const later = await ended(3);
        const begun = Date.parse(later.ended[2]!.endedAt) - later.ended[2]!.seconds * 1000;
        expect(begun - Date.parse(later.ended[1]!.endedAt)).to.be.within(7 * 86_400_000, 7 * 86_400_000 + 60_000);
      },
    }));

  it('wait together for the end of the cooldown where they came in it', () =>
    withLifecycle({
      environment,
      script: { settings: { cooldownMilliseconds: 14 * 86_400_000 } },
      play: async ({ request, ended, state, schedule, alert, model }) => {
        await request();
        await ended(1);
        await schedule();
        await alert();
        await environment.sleep('1 minute');
        const held = await state();
        expect(held.queue.map((one) => [one.releaseId, one.requestedBy])).to.deep.equal([
          [`${model}-r2`, ['schedule', 'alert:drift']],
        ]);
        const now = new Date(await environment.currentTimeMs()).toISOString();
        expect(waitsForTime({ state: held, now })).to.match(
          new RegExp(`^cooldown after ${model}-r1: what waits starts at`),
        );
        expect(await request({ trigger: 'api', requestedBy: 'shop' })).to.include({
          ...{ decision: 'coalesced', releaseId: `${model}-r2` },
        });
        const { ended: all } = await ended(2);
        const begun = Date.parse(all[1]!.endedAt) - all[1]!.seconds * 1000;
        const cooldown = 14 * 86_400_000;
        expect(begun - Date.parse(all[0]!.endedAt)).to.be.within(cooldown, cooldown + 60_000);
      },
    }));

  it('are refused over the monthly budget, with the sum', () =>
    withLifecycle({
      environment,
      script: { settings: { monthlyBudgetUsd: 3 } },
      play: async ({ request, ended, alert, world, model, handle }) => {
        await request();
        await ended(1);
        await request();
        const { spentUsd } = await ended(2);
        expect(spentUsd.usd).to.equal(4);
        const reason = 'monthly budget spent: 4.00 USD >= 3.00 USD';
        expect(await request()).to.include({ decision: 'refused', reason });

        // No answer goes back to an alert, so that people are told, once. To be cancelled does nothing to a lifecycle.
        await handle.cancel();
        const refusals = () =>
          world.calls
            .filter(({ name }) => name === 'sendNotification')
            .map(({ input }) => input as Notification)
            .filter(({ key }) => key.startsWith(`${model}/refused-`));
        await alert();
        const [told] = await waitFor(async () => (refusals().length > 0 ? refusals() : null));
        expect(told).to.include({ severity: 'warning', title: `${model}: a release was asked for and refused` });
        expect(told!.body).to.contain(`: ${reason}.`);
        await alert();
        expect(await request()).to.include({ decision: 'refused' });
        expect(refusals()).to.have.length(1);
      },
    }));

  it('leave a queue to the next month once releases have spent the budget, and training what is left of it', () =>
    withLifecycle({
      environment,
      script: { settings: { monthlyBudgetUsd: 3 } },
      play: async ({ request, ended, state, handle, world, model }) => {
        await request();
        await ended(1);
        await handle.executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'holiday', by: 'ann' }] });
        await request();
        expect((await request({ kind: 'prompt' })).decision).to.equal('queued');
        await handle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'ann' }] });
        await ended(2);
        const jobs = world.calls.filter(({ name }) => name === 'startTraining');
        expect(jobs.map(({ input }) => (input as { budgetLeftUsd?: number }).budgetLeftUsd)).to.deep.equal([3, 1]);

        await environment.sleep('1 minute');
        const held = await state();
        expect(held.running).to.equal(null);
        expect(held.queue.map(({ releaseId }) => releaseId)).to.deep.equal([`${model}-r3`]);
        const waits = waitsForBudget({ state: held, now: new Date(await environment.currentTimeMs()).toISOString() });
        expect(waits).to.match(/^monthly budget spent: 4.00 USD >= 3.00 USD; what waits starts at .*-01T00:00:00.000Z/);
        await environment.sleep('32 days');
        const { endedAt, seconds } = (await ended(3)).ended[2]!;
        const startedAt = new Date(Date.parse(endedAt) - seconds * 1000).toISOString();
        expect(startedAt).to.match(/-01T00:0/);
        expect(waits).to.contain(startedAt.slice(0, 10));
      },
    }));

  it('start what waited for the budget once that is raised', async () => {
    const settings = { monthlyBudgetUsd: 2 };
    await withLifecycle({
      environment,
      script: { settings },
      activities: {
        readSpecification: async ({ specification }) => ({
          digest: specification.sha256,
          settings: { cooldownMilliseconds: 0, keepReleases: 3, quietHours: null, monthlyBudgetUsd: 50 },
        }),
      },
      play: async ({ request, ended, state, handle }) => {
        await request();
        await request({ kind: 'training', reason: 'more' });
        await ended(1);
        await environment.sleep('1 minute');
        expect((await state()).running).to.equal(null);
        await handle.executeUpdate(lifecycleMessages.applySpec, { args: [{ ref: ref('new'), by: 'ann' }] });
        expect((await ended(2)).spentUsd.usd).to.equal(4);
      },
    });
  });

  it('take a new spec between releases', () =>
    withLifecycle({
      environment,
      play: async ({ request, ended, handle, world }) => {
        await request();
        const applied = await handle.executeUpdate(lifecycleMessages.applySpec, {
          args: [{ ref: ref('new'), by: 'ann' }],
        });
        expect(applied.effective).to.equal('after the running release');
        await request();
        await ended(2);
        expect(world.closed.map(({ input }) => input.specification.uri)).to.deep.equal(['store://spec', 'store://new']);
      },
    }));
});

describe('a spec that is refused', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment.teardown());

  const problem = 'notify[0] slack: channel ml-ops has no incoming webhook';
  const play = (played: (set: PlayedLifecycle) => Promise<void>) =>
    withLifecycle({
      environment,
      activities: {
        readSpecification: async ({ specification, by }) => {
          if (by === 'bad') throw ApplicationFailure.nonRetryable(problem, 'InvalidInput');
          return {
            digest: specification.sha256,
            settings: { cooldownMilliseconds: 0, keepReleases: 3, quietHours: null, monthlyBudgetUsd: null },
          };
        },
      },
      play: played,
    });
  const apply = ({ handle }: PlayedLifecycle, by: string) =>
    handle.executeUpdate(lifecycleMessages.applySpec, { args: [{ ref: ref('spec'), by }] });
  const refused = (set: PlayedLifecycle) =>
    apply(set, 'bad').then(
      () => 'accepted',
      (error: unknown) => errorMessage(error),
    );

  it('begins no lifecycle, and says why', () =>
    play(async (set) => {
      expect(await refused(set)).to.equal(problem);
      await set.handle.result();
      expect((await set.handle.describe()).status.name).to.equal('COMPLETED');
      expect(set.world.names()).to.not.include('retireModel');
    }));

  it('leaves one that has a spec as it was', () =>
    play(async (set) => {
      await apply(set, 'ann');
      expect(await refused(set)).to.equal(problem);
      expect(await set.request()).to.include({ decision: 'queued' });
      await set.ended(1);
    }));
});
