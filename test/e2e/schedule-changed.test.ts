import { randomUUID } from 'node:crypto';
import { ScheduleOverlapPolicy, type ScheduleOptions, type ScheduleUpdateOptions } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { planLines } from '../../src/client/cli/apply.js';
import { promotionSchedule } from '../../src/client/model-schedules.js';
import { carryOutSchedule, planSchedule } from '../../src/client/schedule-plan.js';
import { workflowIds } from '../../src/contracts/names.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage } from '../workflows/support/stage.js';
import { scheduleWorld } from './support/schedule-world.js';

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
const crons = [
  ...['0 3 1 * *', '  0   2 * * *  ', '0 2 * * * # nightly', '0 2 * * mon#2', '0,30 1,2 * * *', '0 2 1-31/2 * *'],
  ...['*/15 * * * *', '5/15 * * * *', '*/7 */5 */3 */4 */2', '0 2 * * *,1', '10-50/20 8-17 * * 1-5'],
  ...['0 2 * * 7', '0 2 * * 0', '0 2 * * 0-7', '0 2 * * 5-7', '0 2 * * 3-7/3', '0 2 * * 1-7/2', '0 2 * * 5/2'],
  ...['0 2 * * MON', '0 2 * jan mon-fri', '0 2 * * sunday', '0 2 * JANUARY,Dec *', '0 2 * jan-mar/2 *', '0 2 29 2 *'],
  ...['0 2 * * * 2027', '0 2 * * * 2027-2030', '0 2 * * * */2', '15 0 2 * * * *', '*/30 0 2 * * * 2027,2029'],
  ...['@hourly', '@daily', '@midnight', '@weekly # on Sundays', '@monthly', '@yearly', '@annually'],
  ...['@every 90m', '@every 1h30m', '@every 10s', '@every 1d', '@every 24h # a day', '@every 1h/5m', '@every 1500ms'],
  ...['TZ=UTC 0 2 * * *', 'CRON_TZ=UTC @daily', 'TZ=UTC @every 90m'],
];

/** One range of a field, as the SDK writes it. */
const only = (value: number) => [{ start: value, end: value, step: 1 }];

describe('a Schedule that stands', function () {
  this.timeout(120_000);

  describe('as the server holds it', () => {
    let environment: TestWorkflowEnvironment;
    before(async () => {
      environment = await localEnvironment();
    });
    after(() => environment?.teardown());

    const wantedOf = ({ cron, timezone }: { cron: string; timezone: string }): ScheduleOptions => {
      const scheduleId = `retraining:${randomUUID()}`;
      return {
        scheduleId,
        spec: { cronExpressions: [cron], timezone, jitter: 0 },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 86_400_000 },
        action: {
          ...{ type: 'startWorkflow', workflowType: 'scheduledTrigger', workflowId: `${scheduleId}:trigger` },
          ...{ taskQueue: 'nobody-works-here', args: [{ model: 'm' }] },
        },
      };
    };
    const planOf = (wanted: ScheduleOptions) =>
      planSchedule({ temporal: environment.client, scheduleId: wanted.scheduleId, wanted });
    const apply = async (wanted: ScheduleOptions) => {
      const plan = await planOf(wanted);
      await carryOutSchedule({ temporal: environment.client, plan });
      return plan;
    };
    const handleOf = ({ scheduleId }: ScheduleOptions) => environment.client.schedule.getHandle(scheduleId);

    it('is kept however its times are written, in any timezone', async () => {
      for (const [index, cron] of crons.entries()) {
        const timezone = cron.includes('TZ=') ? 'UTC' : zones[index % zones.length]!;
        const wanted = wantedOf({ cron, timezone });
        expect((await apply(wanted)).change, cron).to.equal('create');
        expect(await planOf(wanted), cron).to.deep.include({ change: 'keep', differences: [] });
        await handleOf(wanted).delete();
      }
    });

    it('is kept where it looks for promotions, and where an update has put it back', async () => {
      const wanted = promotionSchedule({ queuePrefix: `${randomUUID()}-` });
      await apply(wanted);
      expect((await planOf(wanted)).differences).to.deep.equal([]);
      await handleOf(wanted).update(({ action, ...rest }) => ({
        ...rest,
        action: { ...action, workflowRunTimeout: 1000 },
      }));
      expect((await apply(wanted)).change).to.equal('update');
      expect((await planOf(wanted)).differences).to.deep.equal([]);
      await handleOf(wanted).delete();
    });

    const cron = '0 3 1 * *';
    const changes: { what: string; change: (before: ScheduleUpdateOptions) => object; field: string; from: unknown }[] =
      [
        {
          what: 'the hour and the day, in the calendar itself',
          change: ({ spec }) => ({
            spec: { ...spec, calendars: [{ ...spec.calendars![0], hour: only(17), dayOfMonth: only(15) }] },
          }),
          ...{ field: 'cron', from: ['0 17 15 * *'] },
        },
        {
          what: 'another calendar beside it',
          change: ({ spec }) => ({
            spec: { ...spec, calendars: [...spec.calendars!, { hour: 4, comment: 'by hand' }] },
          }),
          ...{ field: 'cron', from: [cron, '0 4 * * *'] },
        },
        {
          what: 'an interval beside it',
          change: ({ spec }) => ({ spec: { ...spec, intervals: [{ every: '1 hour', offset: '5 minutes' }] } }),
          ...{ field: 'everyMilliseconds', from: [3_600_000] },
        },
        {
          what: 'its end',
          change: ({ spec }) => ({ spec: { ...spec, endAt: new Date('2020-01-01') } }),
          ...{ field: 'endAt', from: '2020-01-01T00:00:00.000Z' },
        },
        {
          what: 'its beginning',
          change: ({ spec }) => ({ spec: { ...spec, startAt: new Date('2090-01-01') } }),
          ...{ field: 'startAt', from: '2090-01-01T00:00:00.000Z' },
        },
        {
          what: 'what it leaves out',
          change: ({ spec }) => ({
            spec: { ...spec, skip: [{ hour: '*', minute: '*', second: '*', month: 'MARCH' }] },
          }),
          ...{ field: 'skip', from: ['* * * * 3 * *'] },
        },
        {
          what: 'the runs that are left',
          change: ({ state }) => ({ state: { ...state, remainingActions: 0 } }),
          ...{ field: 'remainingActions', from: 0 },
        },
        {
          what: 'its timezone',
          change: ({ spec }) => ({ spec: { ...spec, timezone: 'Asia/Tokyo' } }),
          ...{ field: 'timezone', from: 'Asia/Tokyo' },
        },
        {
          what: 'its jitter',
          change: ({ spec }) => ({ spec: { ...spec, jitter: '2 hours' } }),
          ...{ field: 'jitterMilliseconds', from: 7_200_000 },
        },
        {
          what: 'that a failure pauses it',
          change: ({ policies }) => ({ policies: { ...policies, pauseOnFailure: true } }),
          ...{ field: 'pauseOnFailure', from: true },
        },
        {
          what: 'the name of what it starts',
          change: ({ action }) => ({ action: { ...action, workflowId: 'another' } }),
          ...{ field: 'workflowId', from: 'another' },
        },
        {
          what: 'how long what it starts may take',
          change: ({ action }) => ({ action: { ...action, workflowExecutionTimeout: '1 second' } }),
          ...{ field: 'executionTimeoutMilliseconds', from: 1000 },
        },
      ];
    for (const { what, change, field, from } of changes)
      it(`is put back where somebody has changed ${what}, and says so`, async () => {
        const wanted = wantedOf({ cron, timezone: 'Europe/Berlin' });
        await apply(wanted);
        const times = async () => (await handleOf(wanted).describe()).info.nextActionTimes.slice(0, 3);
        const before = await times();
        await handleOf(wanted).update((previous) => ({ ...previous, ...change(previous) }));
        const plan = await apply(wanted);
        expect(plan.change).to.equal('update');
        expect(plan.differences.map((one) => [one.field, one.from])).to.deep.include([field, from]);
        expect(await planOf(wanted)).to.deep.include({ change: 'keep', differences: [] });
        expect(await times()).to.deep.equal(before);
        await handleOf(wanted).delete();
      });

    it('stays paused where somebody has paused it, also through a change, and says by what note', async () => {
      const wanted = wantedOf({ cron, timezone: 'UTC' });
      await apply(wanted);
      expect((await planOf(wanted)).pausedNote).to.equal(null);
      await handleOf(wanted).pause('holidays');
      expect(await planOf(wanted)).to.deep.include({ change: 'keep', pausedNote: 'holidays' });
      const other = { ...wanted, spec: { ...wanted.spec, cronExpressions: ['0 4 1 * *'] } };
      expect(await apply(other)).to.deep.include({ change: 'update', pausedNote: 'holidays' });
      const { state } = await handleOf(wanted).describe();
      expect(state).to.deep.include({ paused: true, note: 'holidays' });
      await handleOf(wanted).delete();
    });
  });

  const { environment, model, specFile, clientOver, endLifecycle } = scheduleWorld();
  it('that is paused is shown by `apply`, though nothing of it changes', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix }) => {
        const client = clientOver(queuePrefix);
        const path = await specFile({ triggers: { schedule: { cron: '0 3 1 * *', timezone: 'UTC' } } });
        await client.apply({ path, by: 'ann' });
        expect(planLines(await client.planApply({ path }))).to.deep.equal([`${model()}: nothing changes`]);
        await environment().client.schedule.getHandle(workflowIds.schedule(model())).pause('holidays');
        expect(planLines(await client.planApply({ path }))).to.deep.equal([
          'schedule of retraining: paused in Temporal (holidays), and left so: nothing runs',
        ]);
        await endLifecycle();
      },
    }));
});
