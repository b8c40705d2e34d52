import { expect } from 'chai';
import { pauseBatch, resumeBatch, startBatch } from '../../src/client/batch.js';
import { batchMessages, type BatchInput } from '../../src/contracts/batch.js';
import { workflowIds } from '../../src/contracts/names.js';
import { onStage } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import { scheduleWorld } from './support/schedule-world.js';

describe('the batch schedule of a model', function () {
  this.timeout(120_000);
  const { environment, model, specFile, clientOver, endLifecycle } = scheduleWorld();
  const source = { kind: 'csv', uri: 'reviews.csv' };
  const applied = async (queuePrefix: string, batch: object | undefined) =>
    await clientOver(queuePrefix).apply({ path: await specFile(batch ? { batch } : {}), by: 'ann' });

  it('is made hourly, changed and removed with the spec', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix }) => {
        const handle = environment().client.schedule.getHandle(workflowIds.batchSchedule(model()));
        expect((await applied(queuePrefix, undefined)).schedules.batch).to.equal('none');
        expect((await applied(queuePrefix, { source, concurrency: 8 })).schedules.batch).to.equal('create');
        const { spec, action } = await handle.describe();
        expect(spec.calendars?.[0]).to.deep.include({ minute: [{ start: 0, end: 0, step: 1 }] });
        expect(spec.calendars?.[0]?.hour).to.deep.equal([{ start: 0, end: 23, step: 1 }]);
        expect((action.args?.[0] as BatchInput).concurrency).to.equal(8);
        expect((await applied(queuePrefix, { source, schedule: null })).schedules.batch).to.equal('remove');
        await endLifecycle();
      },
    }));

  it('starts the batch under one id, none while one waits, and goes on when it is resumed', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix, world }) => {
        await applied(queuePrefix, { source });
        const { client: temporal } = environment();
        const client = clientOver(queuePrefix);
        const { specification } = await client.describe(model());
        const place = { temporal, store: client.store, queuePrefix, specification };
        await pauseBatch({ ...place, pause: { by: 'ann', reason: 'faithfulness fell' } });
        const schedule = temporal.schedule.getHandle(workflowIds.batchSchedule(model()));
        await schedule.trigger();
        const triggered = `WorkflowType = 'scheduledBatch' AND ExecutionStatus = 'Completed' AND WorkflowId STARTS_WITH '${workflowIds.batchSchedule(model())}'`;
        await waitFor(async () => ((await temporal.workflow.count(triggered)).count === 1 ? true : null));
        expect(world.names()).to.not.include('stageBatch');
        const joined = await startBatch(place);
        expect((await joined.progress()).paused).to.deep.equal({ by: 'ann', reason: 'faithfulness fell' });
        await resumeBatch({ temporal, model: model(), by: 'ann' });
        expect(await joined.result()).to.include({ due: 12, summarised: 10, paused: null });
        await schedule.trigger();
        const done = `Model = '${model()}' AND WorkflowType = 'batchInference' AND ExecutionStatus = 'Completed'`;
        await waitFor(async () => ((await temporal.workflow.count(done)).count === 2 ? true : null));
        const second = await temporal.workflow.getHandle(workflowIds.batch(model())).query(batchMessages.progress);
        expect(second.now).to.equal('done');
        await endLifecycle();
      },
    }));

  it('ends with its model, also where it is paused', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix, world }) => {
        await applied(queuePrefix, { source });
        const { client: temporal } = environment();
        const client = clientOver(queuePrefix);
        const { specification } = await client.describe(model());
        const place = { temporal, store: client.store, queuePrefix, specification };
        await pauseBatch({ ...place, pause: { by: 'ann', reason: 'the shop closes' } });
        await client.remove({ model: model(), reason: 'the shop closes', by: 'ann', endRelease: false });
        const batch = temporal.workflow.getHandle(workflowIds.batch(model()));
        await waitFor(async () => ((await batch.describe()).status.name === 'CANCELLED' ? true : null));
        expect(world.names()).to.include('clearBatch').and.to.not.include('stageBatch');
      },
    }));
});
