import { randomUUID } from 'node:crypto';
import type { WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createOutcomeActivities } from '../../src/activities/outcomes.js';
import { TemporalOutcomes } from '../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import type { LostReleaseInput } from '../../src/contracts/lost-release.js';
import { workflowIds } from '../../src/contracts/names.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import type { Remains } from '../../src/domain/release/remains.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage, type StageSet } from './support/stage.js';
import { keptChampion, startRelease, waitFor } from './support/started-release.js';
import type { Script } from './support/world.js';

const remainsWith = ({ champion, unfinished = null }: Pick<Remains, 'champion'> & { unfinished?: string | null }) => ({
  ...{ releaseCount: 2, epoch: 10, champion, previous: [], ended: [], unfinished },
  spentUsd: { month: '2026-01', usd: 7 },
});

describe('a lifecycle that was lost', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  const activitiesOf = async (handle: WorkflowHandle): Promise<string[]> =>
    (await handle.fetchHistory()).events!.flatMap(
      (one) => one.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    );

  /** With Temporal itself asked for the releases that an earlier lifecycle has started. */
  const onAwaitingStage = (staged: { script: Script; play: (set: StageSet) => Promise<void> }): Promise<void> =>
    onStage({
      environment,
      activities: createOutcomeActivities({ outcomes: new TemporalOutcomes({ client: environment.client }) }),
      ...staged,
    });

  it('goes on from what is there, and ends the release that it had left running', () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const script: Script = {
      rollout: { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] } },
    };
    return onAwaitingStage({
      script,
      play: async (set) => {
        // The release goes on in its canary while nobody is left who has started it.
        const running = await startRelease({ environment, set, model });
        await running.reached('canary');
        await waitFor(async () => ((await running.plan()).challengerShare > 0 ? true : null));
        const { champion } = running.input;
        // Withdrawn, and not retired when the lifecycle was lost.
        const former = { ...champion!, releaseId: `${model}-r0` };
        set.world.served.add(former.releaseId);
        // Withdrawn so long ago that no lifecycle remembers it.
        const forgotten = `${model}-r00`;
        set.world.served.add(forgotten);
        script.remains = {
          releaseCount: 2,
          epoch: 10,
          champion,
          previous: [former],
          ended: [],
          spentUsd: { month: '2026-01', usd: 7 },
          unfinished: `${model}-r2`,
        };
        const { orchestration } = set;
        const {
          handle,
          state: describe,
          request,
          terminate,
        } = await startLifecycle({ environment, orchestration, model });
        try {
          const { outcome, reasons } = await running.handle.result();
          expect(outcome).to.equal('cancelled');
          expect(reasons).to.deep.equal([`cancelled by model:${model}: the lifecycle began again after it was lost`]);
          // The release gives the traffic back by itself; the lifecycle sees to it once that has ended.
          const plan = await waitFor(async () => {
            const now = await running.plan();
            return now.owner.workflowId === `model:${model}` ? now : null;
          });
          expect(plan).to.deep.include({ challenger: null, owner: { workflowId: `model:${model}`, epoch: 11 } });
          expect(plan.champion.releaseId).to.equal(champion!.releaseId);
          const late = set.world.router.write({
            model,
            owner: { workflowId: running.handle.workflowId, epoch: running.input.epoch },
            change: { challengerShare: 0, reason: 'late' },
            expectedRevision: null,
          });
          expect(await late.catch((error: { type: string }) => error.type)).to.equal('PlanFenced');
          for (const one of [former.releaseId, forgotten])
            await waitFor(async () => (set.world.served.has(one) ? null : true));
          expect(set.world.served.has(champion!.releaseId)).to.equal(true);
          expect((await request()).releaseId).to.equal(`${model}-r3`);
          expect(await describe()).to.deep.include({ champion, spentUsd: { month: '2026-01', usd: 7 } });
          expect((await activitiesOf(handle)).slice(0, 4)).to.deep.equal([
            ...['openLifecycle', 'awaitRelease', 'openLifecycle', 'restoreChampion'],
          ]);
        } finally {
          await terminate();
        }
      },
    });
  });

  it('tells people each time that something was left to undo, also over the same champion', () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const script: Script = { fail: (activity) => (activity === 'moveAliases' ? 'the registry is away' : null) };
    return onAwaitingStage({
      script,
      play: async ({ world, orchestration }) => {
        const champion = keptChampion(model);
        await world.router.write({
          ...{ model, owner: { workflowId: `model:${model}`, epoch: 2 }, expectedRevision: null },
          change: { champion: champion.target, reason: 'before' },
        });
        for (const epoch of [10, 20]) {
          const nothing = { previous: [], ended: [], unfinished: null, spentUsd: { month: '2026-01', usd: 0 } };
          script.remains = { ...nothing, releaseCount: 1, epoch, champion };
          const { state, terminate } = await startLifecycle({ environment, orchestration, model });
          const opened = await waitFor(() => state().catch(() => null));
          expect(opened.unfinishedReturn?.notUndone).to.have.length(1);
          await terminate();
        }
        const told = world.calls.filter(({ name }) => name === 'sendNotification').map(({ input }) => input);
        const keys = [10, 20].map((epoch) => `${champion.releaseId}/not-undone-lifecycle-${epoch}`);
        expect((told as { key: string }[]).map(({ key }) => key)).to.deep.equal(keys);
      },
    });
  });

  it('waits for the record of a champion that is in its bake still, and goes on from that', () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const script: Script = { rollout: { approval: { automatic: true } } };
    return onAwaitingStage({
      script,
      play: async (set) => {
        const running = await startRelease({ environment, set, model, first: true });
        await running.reached('bake');
        const { releaseId } = running.input;
        script.unrecorded = releaseId;
        const { target, adapter } = keptChampion(model);
        const champion = { ...keptChampion(model), releaseId, target: { ...target, releaseId }, adapter };
        script.remains = remainsWith({ champion });
        const { orchestration } = set;
        const { handle, request, terminate } = await startLifecycle({ environment, orchestration, model });
        try {
          const { outcome, reasons } = await running.handle.result();
          expect(outcome).to.equal('promoted');
          expect(reasons).to.include(`${releaseId} keeps serving: there is no other champion`);
          expect((await request()).releaseId).to.equal(`${model}-r3`);
          expect((await running.plan()).champion.releaseId).to.equal(releaseId);
          expect((await activitiesOf(handle)).slice(0, 3)).to.deep.equal([
            'openLifecycle',
            'awaitRelease',
            'openLifecycle',
          ]);
        } finally {
          await terminate();
        }
      },
    });
  });

  it('keeps a first champion whose rollout was lost too', () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const script: Script = { rollout: { approval: { automatic: true } } };
    return onAwaitingStage({
      script,
      play: async (set) => {
        const running = await startRelease({ environment, set, model, first: true });
        await running.reached('bake');
        const { releaseId } = running.input;
        await environment.client.workflow.getHandle(workflowIds.rollout(releaseId)).terminate('a test');
        expect(await running.handle.result()).to.deep.include({ rolloutLost: true, kept: null });
        script.unrecorded = releaseId;
        const champion = { ...keptChampion(model), releaseId };
        script.remains = remainsWith({ champion });
        const { orchestration } = set;
        const { handle, request, terminate } = await startLifecycle({ environment, orchestration, model });
        try {
          expect((await request()).releaseId).to.equal(`${model}-r3`);
          const asked = await activitiesOf(handle);
          expect(asked.slice(0, 2)).to.deep.equal(['openLifecycle', 'awaitRelease']);
          expect(asked).to.include('endLostRelease');
          expect(set.world.served.has(releaseId)).to.equal(true);
        } finally {
          await terminate();
        }
      },
    });
  });

  it('knows who had paused the model, until somebody resumes it', () =>
    onAwaitingStage({
      script: {},
      play: async ({ orchestration, world }) => {
        const first = await startLifecycle({ environment, orchestration });
        const { model } = first;
        const after = (before: { terminate: () => Promise<unknown> }) =>
          before.terminate().then(() => startLifecycle({ environment, orchestration, model }));
        const opened = ({ state }: { state: () => Promise<LifecycleState> }) =>
          waitFor(() => state().catch(() => null));
        await first.handle.executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'an incident', by: 'ann' }] });
        const second = await after(first);
        const { paused } = await opened(second);
        expect(paused).to.deep.include({ reason: 'an incident', by: 'ann' });
        const { releaseId } = await second.request();
        expect(await second.state()).to.deep.include({ running: null });
        await second.handle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'bob' }] });
        expect((await waitFor(async () => (await second.state()).running)).releaseId).to.equal(releaseId);
        const third = await after(second);
        try {
          expect((await opened(third)).paused).to.equal(null);
          expect(world.audited.filter(({ kind }) => kind === 'pause')).to.have.deep.nested.property('[1].actor', 'bob');
        } finally {
          await third.terminate();
        }
      },
    }));

  it('is paused all the same where the store can not be told, and says so', () =>
    onAwaitingStage({
      script: { fail: (name) => (name === 'keepPause' ? 'the store is away' : null) },
      play: async ({ orchestration }) => {
        const { handle, state, terminate, model } = await startLifecycle({ environment, orchestration });
        try {
          const refused = await handle
            .executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'an incident', by: 'ann' }] })
            .catch((error: unknown) => error);
          expect((refused as WorkflowUpdateFailedError).cause?.message).to.match(
            new RegExp(
              `^${model} is paused, but the store could not be told \\(the store is away\\), so that .*; pause it again$`,
            ),
          );
          expect((await state()).paused).to.deep.include({ by: 'ann' });
        } finally {
          await terminate();
        }
      },
    }));

  it('ends what a release left that was lost with it', () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const script: Script = { rollout: { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] } } };
    return onAwaitingStage({
      script,
      play: async (set) => {
        const running = await startRelease({ environment, set, model });
        await running.reached('canary');
        await waitFor(async () => ((await running.plan()).challengerShare > 0 ? true : null));
        const { champion, releaseId, requestedBy } = running.input;
        await running.handle.terminate('all of the model was ended');
        script.remains = remainsWith({ champion, unfinished: releaseId });
        const { orchestration } = set;
        const { handle, request, terminate } = await startLifecycle({ environment, orchestration, model });
        try {
          expect((await request()).releaseId).to.equal(`${model}-r3`);
          const calls = set.world.calls.filter(({ name }) => name === 'endLostRelease');
          expect(calls).to.have.length(1);
          const { input, reason } = calls[0]!.input as LostReleaseInput;
          expect(reason).to.equal(`${releaseId} was lost with its lifecycle`);
          expect(input).to.deep.include({ releaseId, requestedBy, champion });
          expect(set.world.served.has(releaseId)).to.equal(false);
          expect(await running.plan()).to.deep.include({ challenger: null, challengerShare: 0 });
          // The users first; then the job, the slot and the record.
          const asked = await activitiesOf(handle);
          expect(asked.indexOf('restoreChampion')).to.be.lessThan(asked.indexOf('endLostRelease'));
        } finally {
          await terminate();
        }
      },
    });
  });

  it('gives users back from a champion that was lost with it before it had a record', () => {
    const model = `m${randomUUID().slice(0, 8)}`;
    const script: Script = { rollout: { approval: { automatic: true }, canary: { steps: [] } } };
    return onAwaitingStage({
      script,
      play: async (set) => {
        const running = await startRelease({ environment, set, model });
        const { champion, releaseId, epoch } = running.input;
        await running.handle.terminate('all of the model was ended');
        const target = { ...champion!.target, releaseId, endpoint: 'http://127.0.0.1:3/v1' };
        const owner = { workflowId: `rollout:${releaseId}`, epoch };
        await set.world.router.write({
          ...{ model, owner, expectedRevision: null, change: { champion: target, reason: 'bake ended' } },
        });
        script.unrecorded = releaseId;
        script.remains = remainsWith({ champion });
        const { orchestration } = set;
        const { request, terminate } = await startLifecycle({ environment, orchestration, model });
        try {
          expect((await request()).releaseId).to.equal(`${model}-r3`);
          const plan = await running.plan();
          expect(plan.champion.releaseId).to.equal(champion!.releaseId);
          const restored = set.world.plans.filter(({ owner: { workflowId } }) => workflowId === `model:${model}`);
          // The one that was there before, then for the users, then as the lifecycle begins.
          expect(restored.map(({ owner: { epoch: given } }) => given)).to.deep.equal([2, 7, 11]);
          expect(set.world.names()).to.include('endLostRelease');
        } finally {
          await terminate();
        }
      },
    });
  });

  it('says why it could not begin', () =>
    onStage({
      environment,
      script: { fail: (activity) => (activity === 'openLifecycle' ? 'no record of its promotion was found' : null) },
      play: async ({ orchestration }) => {
        const { handle, state, model } = await startLifecycle({ environment, orchestration });
        expect(await handle.result().catch(() => 'failed')).to.equal('failed');
        const said = await state().catch((error: Error) => error.message);
        expect(said).to.equal(`${model} could not begin: no record of its promotion was found`);
      },
    }));
});
