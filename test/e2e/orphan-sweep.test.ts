import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { TemporalLifecycles } from '../../src/adapters/temporal-lifecycles/temporal-lifecycles.js';
import type { Orphan } from '../../src/contracts/orphans.js';
import { workflowIds } from '../../src/contracts/names.js';
import { ensureOrphanSchedule, orphanScheduleId } from '../../src/workers/orphan-schedule.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { orphanSweep } from '../../src/workflows/orphan-sweep.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import { ref } from '../workflows/support/world.js';

const orphanOf = (model: string): Orphan => ({
  ...{ kind: 'endpoint', model, name: `${model}-r7`, firstSeenAt: '2026-03-01T00:00:00.000Z' },
});

describe('the orphan sweep, on the dev server', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('is started by a Schedule, which a second worker leaves as it is', () =>
    onStage({
      environment,
      play: async ({ queuePrefix, world }) => {
        const temporal = environment.client;
        await ensureOrphanSchedule({ temporal, queuePrefix });
        await ensureOrphanSchedule({ temporal, queuePrefix: 'other-' });
        const schedule = temporal.schedule.getHandle(orphanScheduleId);
        await schedule.trigger();
        await waitFor(async () => (world.names().includes('listSweptModels') ? true : null));
        await schedule.delete();
      },
    }));

  it('tells people of what is new, removes it, and goes on with the other models when one can not be asked', async () => {
    const told: string[] = [];
    await onStage({
      environment,
      activities: {
        listSweptModels: async () => ['lost', 'shop'],
        findOrphans: async ({ model }) => {
          if (model === 'lost') throw ApplicationFailure.nonRetryable('nobody answers');
          return { orphans: [orphanOf(model)], fresh: [orphanOf(model)] };
        },
        removeOrphans: async ({ model, told: noted }) => {
          told.push(`noted ${noted!.length}`);
          return { removed: [orphanOf(model)] };
        },
        sendNotification: async ({ title }) => void told.push(title),
      },
      play: async ({ orchestration }) => {
        const sweep = (remove: boolean) =>
          environment.client.workflow.execute(orphanSweep, {
            workflowId: `orphan-sweep:${randomUUID()}`,
            taskQueue: orchestration,
            args: [{ model: remove ? null : 'shop', remove, graceMilliseconds: 3_600_000 }],
          });
        expect(await sweep(false)).to.deep.equal({ orphans: [orphanOf('shop')], removed: [], skipped: [] });
        expect(told).to.deep.equal([]);
        const swept = await sweep(true);
        expect(swept.removed).to.deep.equal([orphanOf('shop')]);
        expect(swept.skipped.map(({ model }) => model)).to.deep.equal(['lost']);
        expect(told).to.deep.equal(['shop: 1 left over, belonging to no release', 'noted 1']);
      },
    });
  });

  it('says of a model without a lifecycle that nobody looks after it, and tells people of that under one key', async () => {
    const told: string[] = [];
    const unswept = { reason: 'no lifecycle of gone runs', since: '2026-03-01T00:00:00.000Z' };
    await onStage({
      environment,
      activities: {
        listSweptModels: async () => ['gone', 'shop'],
        findOrphans: async ({ model }) =>
          model === 'gone' ? { orphans: [], fresh: [], unswept } : { orphans: [], fresh: [] },
        sendNotification: async ({ key, title, body }) => {
          told.push(`${key}: ${title}, ${body}`);
          if (told.length > 1) throw ApplicationFailure.nonRetryable('nobody can be told');
        },
      },
      play: async ({ orchestration }) => {
        const sweep = (remove: boolean) =>
          environment.client.workflow.execute(orphanSweep, {
            workflowId: `orphan-sweep:${randomUUID()}`,
            taskQueue: orchestration,
            args: [{ model: null, remove, graceMilliseconds: 0 }],
          });
        const skipped = [{ model: 'gone', reason: unswept.reason }];
        const found = { orphans: [], removed: [], skipped };
        expect(await sweep(false)).to.deep.equal(found);
        expect(told).to.deep.equal([]);
        for (let time = 0; time < 2; time += 1) expect(await sweep(true)).to.deep.equal(found);
        const message = `gone/no-lifecycle/${unswept.since}: gone has no lifecycle, and nobody has removed it, ${unswept.reason}`;
        expect(told).to.deep.equal([message, message]);
      },
    });
  });

  it('removes what is due although nobody can be told, says so, and takes nothing for told', async () => {
    const given: { told?: Orphan[] }[] = [];
    await onStage({
      environment,
      activities: {
        findOrphans: async ({ model }) => ({ orphans: [orphanOf(model)], fresh: [orphanOf(model)], freshKey: 'set' }),
        removeOrphans: async (input) => (given.push(input), { removed: [orphanOf(input.model)] }),
        sendNotification: async ({ key }) => {
          throw ApplicationFailure.nonRetryable(`no channel for ${key}`);
        },
      },
      play: async ({ orchestration }) => {
        const swept = await environment.client.workflow.execute(orphanSweep, {
          workflowId: `orphan-sweep:${randomUUID()}`,
          taskQueue: orchestration,
          args: [{ model: 'shop', remove: true, graceMilliseconds: 3_600_000 }],
        });
        expect(given.map(({ told }) => told)).to.deep.equal([[]]);
        expect(swept.removed).to.deep.equal([orphanOf('shop')]);
        expect(swept.skipped.map(({ reason }) => reason).join()).to.contain('no channel for shop/orphans/set');
      },
    });
  });

  it('asks Temporal which models there are, what they know and what runs', () =>
    onStage({
      environment,
      play: async ({ orchestration }) => {
        const lifecycles = new TemporalLifecycles({ client: environment.client });
        const model = `m${randomUUID().slice(0, 8)}`;
        const workflowId = workflowIds.lifecycle(model);
        expect(await lifecycles.describe({ model })).to.equal(null);
        const handle = await environment.client.workflow.start(modelLifecycle, {
          ...{ workflowId, taskQueue: orchestration, args: [{ model, specification: ref('spec'), state: null }] },
        });
        await waitFor(async () => ((await lifecycles.models()).includes(model) ? true : null));
        // It answers once it has read its spec.
        const described = await waitFor(() => lifecycles.describe({ model }).catch(() => null));
        expect(described).to.deep.include({ model, champion: null });
        await handle.terminate('the test is over');
        expect(await lifecycles.isRunning({ workflowId })).to.equal(false);
        expect(await lifecycles.isRunning({ workflowId: 'release:none-r1' })).to.equal(false);
      },
    }));

  it('goes on in another history where there are hundreds of models', async () => {
    const models = Array.from({ length: 180 }, (_, at) => `m${at}`);
    const looked: string[] = [];
    await onStage({
      environment,
      activities: {
        listSweptModels: async () => models,
        findOrphans: async ({ model }) => {
          looked.push(model);
          if (model === 'm3') throw ApplicationFailure.nonRetryable('nobody answers');
          return { orphans: model === 'm5' ? [orphanOf(model)] : [], fresh: [] };
        },
      },
      play: async ({ orchestration }) => {
        const handle = await environment.client.workflow.start(orphanSweep, {
          workflowId: `orphan-sweep:${randomUUID()}`,
          taskQueue: orchestration,
          args: [{ model: null, remove: false, graceMilliseconds: 3_600_000 }],
        });
        expect(await handle.result()).to.deep.equal({
          ...{ orphans: [orphanOf('m5')], removed: [], skipped: [{ model: 'm3', reason: 'nobody answers' }] },
        });
        expect(looked).to.deep.equal(models);
        const { runId } = await handle.describe();
        expect(runId).to.not.equal(handle.firstExecutionRunId);
        for (const run of [handle.firstExecutionRunId, runId]) {
          const { events } = await environment.client.workflow.getHandle(handle.workflowId, run).fetchHistory();
          expect(events!.length).to.be.lessThan(1100);
        }
      },
    });
  });
});
