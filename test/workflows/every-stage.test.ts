import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { releaseMessages, rolloutMessages } from '../../src/contracts/release.js';
import { initialState } from '../../src/domain/release/admission.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { releaseInput, waitFor } from './support/started-release.js';
import { ref } from './support/world.js';
import { createGates, moments, nameOf, type Moment } from '../chaos/moments.js';

const rollout = {
  load: { expectedPeak: '20/s' },
  shadow: { duration: '1s' },
  canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
  bake: { duration: 'PT0S' },
};
const told = { by: 'bob', reason: 'a test' };
const candidate = (version: string) => ({
  by: 'carol',
  candidate: {
    ...{ releaseId: 'earlier', version, adapter: ref('adapter'), indexVersion: null },
    specification: ref('spec'),
  },
});

/** What an update was refused with, or what became of the workflow that it was for. */
const whyNot = (error: Error): string =>
  error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure
    ? (error.cause.type ?? error.cause.message)
    : error.name;

/** One model with a champion, whose second release stands still at a moment. */
interface Case {
  moment: Moment;
  model: string;
  releaseId: string;
  lifecycle: WorkflowHandle<typeof modelLifecycle>;
  state(): Promise<LifecycleState>;
}

describe('a release at every stage', function () {
  this.timeout(300_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  async function begin(set: StageSet, moment: Moment): Promise<Case> {
    const model = `m${randomUUID().slice(0, 8)}`;
    const champion = releaseInput({ model }).champion!;
    await set.world.router.write({
      ...{ model, expectedRevision: null, owner: { workflowId: workflowIds.lifecycle(model), epoch: 0 } },
      change: { champion: champion.target, reason: 'before' },
    });
    set.world.served.add(champion.releaseId);
    const settings = { cooldownMilliseconds: 0, monthlyBudgetUsd: null, keepReleases: 3, quietHours: null };
    const specification = ref('spec');
    const state = {
      ...initialState({ model, specification, settings, now: new Date().toISOString() }),
      ...{ champion, releaseCount: 1, epoch: 2 },
    };
    const lifecycle = await environment.client.workflow.start(modelLifecycle, {
      workflowId: workflowIds.lifecycle(model),
      taskQueue: set.orchestration,
      args: [{ model, specification: null, state }],
    });
    const { releaseId } = await lifecycle.executeUpdate(lifecycleMessages.requestRelease, {
      args: [{ kind: 'training', reason: 'test', requestedBy: 'ann', priority: 'normal' }],
    });
    return {
      ...{ moment, model, releaseId: releaseId!, lifecycle },
      state: () => lifecycle.query(lifecycleMessages.describe),
    };
  }

  const progressOf = ({ releaseId }: Case) =>
    environment.client.workflow
      .getHandle(workflowIds.rollout(releaseId))
      .query(rolloutMessages.progress)
      .catch(() => null);

  /** Approves as soon as somebody asks. */
  async function approve(one: Case): Promise<void> {
    const evidenceDigest = (await progressOf(one))?.waiting?.evidenceDigest;
    if (!evidenceDigest) return;
    await environment.client.workflow
      .getHandle(workflowIds.rollout(one.releaseId))
      .executeUpdate(rolloutMessages.decide, { args: [{ decision: 'approve', by: 'bob', evidenceDigest, reason: '' }] })
      .catch(() => undefined);
  }

  /** Takes all cases to their moments, lets `happen`, then lets all go on and waits for their ends. */
  async function playAll({
    at,
    happen,
    check,
    letGo = 'soon',
  }: {
    at: readonly Moment[];
    /** Soon, since some of what happens waits for the release; or only when all has happened. */
    letGo?: 'soon' | 'afterwards';
    happen: (one: Case, set: StageSet) => Promise<unknown>;
    check: (one: Case, set: StageSet) => Promise<void>;
  }): Promise<void> {
    const gates = createGates();
    await onStage({
      environment,
      script: { rollout, candidate, fail: gates.fail },
      play: async (set) => {
        const play = async (moment: Moment): Promise<void> => {
          const one = await begin(set, moment);
          gates.close(one.model, moment);
          await waitFor(async () => {
            await approve(one);
            return gates.reached(one.model) ? true : null;
          });
          const happening = happen(one, set);
          // What must land before it is undone is let go only after that.
          await (letGo === 'soon' ? new Promise((resolve) => setTimeout(resolve, 300)) : happening);
          gates.open(one.model);
          await happening;
          await waitFor(async () => {
            await approve(one);
            return (await one.state()).ended.some(({ releaseId }) => releaseId === one.releaseId) ? true : null;
          });
          await check(one, set);
          await one.lifecycle.terminate('the test is over').catch(() => undefined);
        };
        await Promise.all(at.map(play));
      },
    });
  }

  /** The lifecycle's champion has everyone, and nobody else takes a slot or trains; nor does it once it `serves` no more. */
  async function expectOneChampion(one: Case, { world }: StageSet, serves = true): Promise<LifecycleState> {
    const where = nameOf(one.moment);
    const state = await one.state();
    const champion = state.champion!.releaseId;
    const plan = (await world.router.read({ model: one.model }))!;
    expect(plan, where).to.deep.include({ challenger: null, challengerShare: 0, mirrorShare: 0, holdback: 0 });
    expect(plan.champion.releaseId, where).to.equal(champion);
    // A rollout that was cancelled from afar gives its slot back by itself.
    await waitFor(async () => {
      const served = [...world.served].filter((name) => name.startsWith(`${one.model}-`));
      return served.join() === (serves ? champion : '') ? true : null;
    });
    expect(world.jobs.get(`train-${one.releaseId}`), where).to.not.equal('running');
    const ended = state.ended.find(({ releaseId }) => releaseId === one.releaseId)!;
    expect(ended.reasons.join('').trim(), where).to.not.equal('');
    return state;
  }

  const workflow = (id: string) => environment.client.workflow.getHandle(id);
  const afterEarly = moments.filter(({ early }) => !early);
  const beforeRecording = moments.filter(({ activity }) => activity !== 'closeRelease');
  const stories: {
    what: string;
    at: Moment[];
    happen: (one: Case) => Promise<unknown>;
    stays: (moment: Moment) => boolean;
  }[] = [
    {
      what: 'is cancelled as a workflow',
      at: moments,
      happen: ({ releaseId }) => workflow(workflowIds.release(releaseId)).cancel(),
      stays: ({ late }) => late === true,
    },
    {
      what: 'is cancelled by a person',
      at: beforeRecording,
      happen: ({ releaseId }) =>
        workflow(workflowIds.release(releaseId)).executeUpdate(releaseMessages.cancel, { args: [told] }),
      stays: ({ late }) => late === true,
    },
    {
      what: 'has its rollout cancelled',
      at: afterEarly.filter(({ activity }) => activity !== 'closeRelease'),
      happen: ({ releaseId }) => workflow(workflowIds.rollout(releaseId)).cancel(),
      stays: ({ late }) => late === true,
    },
    {
      what: 'is terminated',
      at: moments,
      happen: ({ releaseId }) => workflow(workflowIds.release(releaseId)).terminate('a test'),
      stays: () => false,
    },
    {
      what: 'has its rollout terminated',
      at: afterEarly.filter(({ activity }) => activity !== 'closeRelease'),
      happen: ({ releaseId }) => workflow(workflowIds.rollout(releaseId)).terminate('a test'),
      stays: () => false,
    },
    {
      what: 'is aborted',
      at: afterEarly.filter(({ activity }) => activity !== 'closeRelease'),
      happen: ({ releaseId }) =>
        workflow(workflowIds.rollout(releaseId)).executeUpdate(rolloutMessages.abortUpdate, { args: [told] }),
      stays: ({ late }) => late === true,
    },
    {
      what: 'is rolled back',
      at: moments,
      happen: ({ lifecycle }) => lifecycle.executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, ...told }] }),
      stays: () => false,
    },
  ];
  for (const { what, at, happen, stays } of stories)
    it(`that ${what} leaves one champion with everyone, and nothing else behind`, () =>
      playAll({
        ...{ at, happen },
        check: async (one, set) => {
          const { champion } = await expectOneChampion(one, set);
          expect(champion!.releaseId, nameOf(one.moment)).to.equal(
            stays(one.moment) ? one.releaseId : `${one.model}-r1`,
          );
        },
      }));

  it('ends with its model where that is removed, and nothing serves any more', () =>
    playAll({
      at: moments,
      happen: async ({ lifecycle, releaseId }) => {
        const removed = await lifecycle.executeUpdate(lifecycleMessages.remove, {
          args: [{ ...told, endRelease: true }],
        });
        expect(removed.waitsFor).to.equal(releaseId);
      },
      check: async (one, set) => {
        await one.lifecycle.result();
        const { champion, queue } = await expectOneChampion(one, set, false);
        expect(queue, nameOf(one.moment)).to.deep.equal([]);
        expect(champion!.releaseId, nameOf(one.moment)).to.equal(one.moment.late ? one.releaseId : `${one.model}-r1`);
      },
    }));

  it('takes what people ask of the model, and goes on', () =>
    playAll({
      at: moments,
      letGo: 'afterwards',
      happen: async ({ lifecycle, releaseId, moment, state }) => {
        const request = { kind: 'training', reason: 'more', requestedBy: 'carol', priority: 'normal' } as const;
        const update = lifecycle.executeUpdate.bind(lifecycle);
        await update(lifecycleMessages.pause, { args: [told] });
        await update(lifecycleMessages.resume, { args: [{ by: 'carol' }] });
        expect((await state()).paused, nameOf(moment)).to.equal(null);
        await update(lifecycleMessages.pause, { args: [told] });
        const [first, second] = await Promise.all([
          update(lifecycleMessages.requestRelease, { args: [request] }),
          update(lifecycleMessages.requestRelease, { args: [request] }),
        ]);
        expect([first.decision, second.decision].sort()).to.deep.equal(['coalesced', 'queued']);
        await lifecycle.signal(lifecycleMessages.alert, {
          kind: 'drift',
          severity: 'critical',
          category: null,
          evidence: '',
        });
        const applied = await update(lifecycleMessages.applySpec, { args: [{ ref: ref('other'), by: 'carol' }] });
        expect(applied.effective).to.equal('after the running release');
        const rollOut = { version: '7', reason: 'as good', requestedBy: 'carol' };
        const { decision } = await update(lifecycleMessages.requestRollout, { args: [rollOut] });
        expect(decision, nameOf(moment)).to.equal('queued');
        const decided = await workflow(workflowIds.rollout(releaseId))
          .executeUpdate(rolloutMessages.decide, {
            args: [{ decision: 'approve', by: 'carol', evidenceDigest: 'none', reason: '' }],
          })
          .then(() => 'taken', whyNot);
        // Before its rollout and after it there is nobody to refuse.
        const gone = moment.early || moment.activity === 'closeRelease';
        expect(decided, nameOf(moment)).to.equal(gone ? 'WorkflowNotFoundError' : 'Refused');
        const drill = { share: 0.05, ...told };
        await update(lifecycleMessages.drill, { args: [drill] }).then(
          () => expect.fail('a drill was played while a release ran'),
          (error: Error) => expect(error.cause?.toString()).to.contain('is running and owns the traffic'),
        );
      },
      check: async (one, set) => {
        const state = await expectOneChampion(one, set);
        const where = nameOf(one.moment);
        expect(state.champion!.releaseId, where).to.equal(one.releaseId);
        expect(state.paused, where).to.include(told);
        expect(
          state.queue.map(({ priority, candidate: earlier }) => [priority, earlier?.version ?? 'new']),
          where,
        ).to.deep.equal([
          ['high', 'new'],
          ['normal', '7'],
        ]);
        expect(state.specification, where).to.deep.equal(ref('other'));
      },
    }));
});
