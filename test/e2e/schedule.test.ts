import { ScheduleNotFoundError } from '@temporalio/client';
import { expect } from 'chai';
import type { UnderstudyClient } from '../../src/client/index.js';
import { searchAttributes, workflowIds } from '../../src/contracts/names.js';
import { onStage } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import { scheduleWorld } from './support/schedule-world.js';

describe('the retraining schedule of a model', function () {
  this.timeout(120_000);
  const { environment, model, specFile, clientOver, endLifecycle } = scheduleWorld();
  const applied = async (
    client: UnderstudyClient,
    schedule: { cron: string; timezone: string; jitter?: string; catchUp?: string } | null,
  ) => (await client.apply({ path: await specFile({ triggers: { schedule } }), by: 'ann' })).schedules.retraining;

  it('is made, changed and removed with the spec, however often that is applied', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix }) => {
        const client = clientOver(queuePrefix);
        const handle = environment().client.schedule.getHandle(workflowIds.schedule(model()));
        const when = async () => {
          const { spec } = await handle.describe();
          return { timezone: spec.timezone, hour: spec.calendars?.[0]?.hour };
        };
        const monthly = { cron: '0 3 1 * *', timezone: 'Europe/Berlin' };
        expect(await applied(client, null)).to.equal('none');
        expect(await applied(client, monthly)).to.equal('create');
        expect(await when()).to.deep.equal({ timezone: 'Europe/Berlin', hour: [{ start: 3, end: 3, step: 1 }] });
        expect(await applied(client, monthly)).to.equal('keep');
        const other = { cron: '0 5 1 * *', timezone: 'UTC', jitter: '10m', catchUp: '6h' };
        const path = await specFile({ triggers: { schedule: other } });
        const planned = await client.planApply({ path });
        expect(planned.schedules.retraining).to.deep.equal({
          change: 'update',
          differences: [
            { field: 'catchUpMilliseconds', from: 3_600_000, to: 21_600_000 },
            { field: 'cron', from: ['0 3 1 * *'], to: ['0 5 1 * *'] },
            { field: 'jitterMilliseconds', from: 0, to: 600_000 },
            { field: 'timezone', from: 'Europe/Berlin', to: 'UTC' },
          ],
          pausedNote: null,
        });
        expect(planned.differences.map(({ field }) => field)).to.deep.equal([
          'triggers.schedule.catchUp',
          'triggers.schedule.cron',
          'triggers.schedule.jitter',
          'triggers.schedule.timezone',
        ]);
        expect(await applied(client, monthly)).to.equal('keep');
        expect(await applied(client, other)).to.equal('update');
        expect(await applied(client, other)).to.equal('keep');
        const { policies } = await handle.describe();
        expect(policies).to.include({ overlap: 'SKIP', catchupWindow: 21_600_000 });
        expect(await when()).to.deep.equal({ timezone: 'UTC', hour: [{ start: 5, end: 5, step: 1 }] });
        expect(await applied(client, null)).to.equal('remove');
        expect(await handle.describe().catch((error: unknown) => error)).to.be.instanceOf(ScheduleNotFoundError);
        expect(await applied(client, null)).to.equal('none');
        await endLifecycle();
      },
    }));

  it('stays as it is however its times are written', () =>
    onStage({
      environment: environment(),
      play: async ({ queuePrefix }) => {
        const client = clientOver(queuePrefix);
        for (const cron of ['0 3 1 * * # monthly, as agreed', '@monthly', '@every 24h', ' 0 3 1 * * ']) {
          await applied(client, { cron, timezone: 'UTC' });
          expect(await applied(client, { cron, timezone: 'UTC' }), cron).to.equal('keep');
        }
        await applied(client, null);
        await endLifecycle();
      },
    }));

  it('asks the lifecycle for a release when it is triggered, which a search then finds', () =>
    onStage({
      environment: environment(),
      script: { rollout: { canary: { steps: [{ share: '5%', duration: 'PT0S' }] }, bake: { duration: 'PT0S' } } },
      play: async ({ queuePrefix }) => {
        const client = clientOver(queuePrefix);
        await applied(client, { cron: '0 3 1 * *', timezone: 'UTC' });
        await environment().client.schedule.getHandle(workflowIds.schedule(model())).trigger();
        const releaseId = `${model()}-r1`;
        const state = await waitFor(async () => {
          const described = await client.describe(model());
          return described.running?.releaseId === releaseId ? described : null;
        });
        expect(state.running).to.deep.include({ trigger: 'schedule', requestedBy: ['schedule'] });
        expect(state.running!.reasons).to.deep.equal(['schedule: the retraining schedule is due']);

        // RELEASE and TRIGGER are words of the query language, so attributes of these names need quotes.
        const query = `Model = '${model()}' AND \`Release\` = '${releaseId}' AND Stage = 'approval' AND \`Trigger\` = 'schedule'`;
        const found = await waitFor(async () => {
          for await (const one of environment().client.workflow.list({ query })) return one;
          return null;
        });
        expect(found.workflowId).to.equal(workflowIds.rollout(releaseId));
        expect(found.typedSearchAttributes.get(searchAttributes.stage)).to.equal('approval');
        expect(await client.models()).to.include(model());

        await client.approve({ releaseId, by: 'bob' });
        for await (const status of client.watch({ model: model(), releaseId, everyMilliseconds: 100 }))
          if (status.ended) expect(status.ended).to.include({ outcome: 'promoted', champion: releaseId });
        expect((await client.describe(model())).champion?.releaseId).to.equal(releaseId);
        const ended = `\`Release\` = '${releaseId}' AND Stage = 'ended' AND WorkflowType = 'release'`;
        const passed = `${ended} AND Verdict = 'pass'`;
        await waitFor(async () => ((await environment().client.workflow.count(passed)).count === 1 ? true : null));
        await endLifecycle();
      },
    }));
});
