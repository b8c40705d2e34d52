import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { expect } from 'chai';
import { workflowIds } from '../../src/contracts/names.js';
import { onStage } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import { scheduleWorld } from './support/schedule-world.js';

type DailyIngest = { cron: string; timezone?: string } | null;

describe('the ingest schedule of a model', function () {
  this.timeout(120_000);
  const { environment, model, specFile, clientOver, endLifecycle } = scheduleWorld();
  const applied = async (queuePrefix: string, schedule: DailyIngest) =>
    (await clientOver(queuePrefix).apply({ path: await specFile({ data: { ingest: { schedule } } }), by: 'ann' }))
      .schedules;

  it('is made, changed and removed with the spec, beside the one of retraining', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix }) => {
        const handle = environment().client.schedule.getHandle(workflowIds.ingestSchedule(model()));
        const hour = async () => (await handle.describe()).spec.calendars?.[0]?.hour;
        expect(await applied(queuePrefix, null)).to.include({ retraining: 'none', ingest: 'none' });
        const created = await applied(queuePrefix, { cron: '0 2 * * *', timezone: 'Europe/Berlin' });
        expect(created).to.include({ retraining: 'none', ingest: 'create' });
        expect(await hour()).to.deep.equal([{ start: 2, end: 2, step: 1 }]);
        expect(await applied(queuePrefix, { cron: '0 4 * * *' })).to.include({ ingest: 'update' });
        expect(await hour()).to.deep.equal([{ start: 4, end: 4, step: 1 }]);
        expect(await applied(queuePrefix, null)).to.include({ ingest: 'remove' });
        expect(await handle.describe().catch((error: unknown) => error)).to.be.instanceOf(ScheduleNotFoundError);
        await endLifecycle();
      },
    }));

  it('takes in the day before each time, and every day of a backfill, one after the other', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix, world }) => {
        await applied(queuePrefix, { cron: '0 2 * * *' });
        const handle = environment().client.schedule.getHandle(workflowIds.ingestSchedule(model()));
        await handle.backfill({
          start: new Date('2026-03-01T00:00:00Z'),
          end: new Date('2026-03-04T00:00:00Z'),
          overlap: ScheduleOverlapPolicy.BUFFER_ALL,
        });
        const datesOf = (name: string): string[] =>
          world.calls.flatMap((call) => (call.name === name ? [(call.input as { date: string }).date] : []));
        await waitFor(async () => (datesOf('clearIngest').length === 3 ? true : null));
        expect(datesOf('stageIngest')).to.deep.equal(['2026-02-28', '2026-03-01', '2026-03-02']);
        expect(datesOf('publishIngest')).to.deep.equal(['2026-02-28', '2026-03-01', '2026-03-02']);
        await handle.trigger();
        await waitFor(async () => (datesOf('clearIngest').length === 4 ? true : null));
        const age = Date.now() - Date.parse(datesOf('publishIngest').at(-1)!);
        expect(age).to.be.within(86_400_000, 2 * 86_400_000 + 60_000);
        const query = `Model = '${model()}' AND WorkflowType = 'ingest'`;
        await waitFor(async () => ((await environment().client.workflow.count(query)).count === 4 ? true : null));
        await endLifecycle();
      },
    }));

  it('is refused where it would leave days out', async () => {
    const error: unknown = await applied('p-', { cron: '0 2 * * 1' }).catch((reason: unknown) => reason);
    expect((error as Error).message)
      .to.contain('data.ingest.schedule.cron')
      .and.contain('0 2 * * *');
  });
});
