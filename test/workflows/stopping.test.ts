import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { releaseMessages, rolloutMessages, type Abort, type ReleaseResult } from '../../src/contracts/release.js';
import type { Stage } from '../../src/domain/release/kinds.js';
import { localEnvironment } from '../support/temporal.js';
import { hold } from './support/hold.js';
import { onStage } from './support/stage.js';
import { expectGivenBack, startRelease, waitFor, type StartedRelease } from './support/started-release.js';

const message: Abort = { by: 'bob', reason: 'wrong data' };
const asked = { canary: { steps: [{ share: '5%' }] } };
const atOnce = { approval: { automatic: true }, canary: { steps: [{ share: '5%', duration: 'PT0S' }] } };
const slowly = { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] } };

/** What can't be interrupted: the run must be known to be closed, and an effect must have landed to be undone. */
const waited = ['openRelease', 'startTraining', 'deployRelease'];

describe('stopping a release', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  /** In the canary a release is only when its first share is written. */
  async function reached(started: StartedRelease, stage: Stage): Promise<void> {
    await started.reached(stage);
    const isShown = async () => (await started.rollout.query(rolloutMessages.progress)).share > 0;
    if (stage === 'canary') await waitFor(async () => ((await isShown()) ? true : null));
  }

  const aborts = [
    { stage: 'approval', rollout: asked, outcome: 'cancelled', withdrawn: false },
    { stage: 'canary', rollout: slowly, outcome: 'rolledBack', withdrawn: false },
    { stage: 'bake', rollout: atOnce, outcome: 'promoted', withdrawn: true },
  ] satisfies { stage: Stage; rollout: unknown; outcome: ReleaseResult['outcome']; withdrawn: boolean }[];
  for (const { stage, rollout, outcome, withdrawn } of aborts)
    for (const how of ['update', 'signal'] as const)
      it(`abort by ${how} in ${stage} gives the champion everyone back: ${outcome}`, () =>
        onStage({
          environment,
          script: { rollout },
          play: async (set) => {
            const started = await startRelease({ environment, set });
            await reached(started, stage);
            if (how === 'signal') await started.rollout.signal(rolloutMessages.abort, message);
            else await started.rollout.executeUpdate(rolloutMessages.abortUpdate, { args: [message] });
            const result = await started.handle.result();
            expect(result).to.include({ outcome, stage, kept: null });
            expect(result.reasons).to.deep.equal(['stopped by bob: wrong data']);
            expect(result.withdrawnAt !== null).to.equal(withdrawn);
            await expectGivenBack(started, set);
          },
        }));

  it('takes no abort or cancel that does not say who and why', () =>
    onStage({
      environment,
      script: { rollout: asked },
      play: async (set) => {
        const started = await startRelease({ environment, set });
        await started.waiting();
        const nobody = { by: '', reason: '' };
        await started.rollout.signal(rolloutMessages.abort, nobody);
        const refused = await Promise.allSettled([
          started.rollout.executeUpdate(rolloutMessages.abortUpdate, { args: [nobody] }),
          started.handle.executeUpdate(releaseMessages.cancel, { args: [nobody] }),
        ]);
        for (const one of refused)
          expect((one as PromiseRejectedResult).reason).to.be.instanceOf(WorkflowUpdateFailedError);
        await started.rollout.signal(rolloutMessages.abort, message);
        expect((await started.handle.result()).reasons).to.deep.equal(['stopped by bob: wrong data']);
      },
    }));

  const cancels: {
    stage: Stage;
    activity?: string;
    call?: number;
    ended?: Stage;
    rollout?: Record<string, unknown>;
  }[] = [
    { stage: 'opening', activity: 'openRelease', ended: 'data' },
    { stage: 'data', activity: 'prepareDataset' },
    { stage: 'training', activity: 'startTraining' },
    { stage: 'training', activity: 'watchTraining' },
    { stage: 'evaluation', activity: 'deployRelease' },
    { stage: 'evaluation', activity: 'generateAnswers' },
    { stage: 'evaluation', activity: 'registerVersion' },
    { stage: 'deploy', activity: 'deployRelease', call: 2, ended: 'smoke' },
    { stage: 'smoke', activity: 'smokeTest' },
    { stage: 'approval', rollout: asked },
    { stage: 'canary', rollout: slowly },
    { stage: 'bake', rollout: atOnce },
  ];
  for (const { stage, activity, call, ended, rollout = atOnce } of cancels)
    it(`cancel in ${stage}${activity ? ` while ${activity} runs` : ''} leaves nothing behind`, () => {
      const held = hold({ activity: activity ?? 'none', ...(call ? { call } : {}) });
      return onStage({
        environment,
        script: { rollout, fail: held.fail },
        play: async (set) => {
          const started = await startRelease({ environment, set });
          const calls = () => set.world.names().filter((name) => name === activity).length;
          while (activity && calls() < (call ?? 1)) await new Promise((resolve) => setTimeout(resolve, 20));
          if (stage !== 'opening') await reached(started, stage);
          await started.handle.executeUpdate(releaseMessages.cancel, { args: [message] });
          if (waited.includes(activity ?? '')) held.letGo();
          const result = await started.handle.result();
          const promoted = stage === 'bake';
          expect(result).to.include({ outcome: promoted ? 'promoted' : 'cancelled', kept: null });
          expect(result.withdrawnAt !== null).to.equal(promoted);
          expect(result.stage).to.equal(ended ?? stage);
          expect(result.reasons).to.deep.equal(['cancelled by bob: wrong data']);
          await expectGivenBack(started, set);
          if (stage === 'training') expect([...set.world.jobs.values()]).to.deep.equal(['stopped']);
          held.letGo();
        },
      });
    });

  it('moves the aliases back only after a move under way has landed', () => {
    const held = hold({ activity: 'moveAliases' });
    return onStage({
      environment,
      script: { rollout: atOnce, fail: held.fail },
      play: async (set) => {
        const started = await startRelease({ environment, set });
        await started.reached('promote');
        while (!set.world.names().includes('moveAliases')) await new Promise((resolve) => setTimeout(resolve, 20));
        await started.rollout.executeUpdate(rolloutMessages.abortUpdate, { args: [message] });
        while ((await started.plan()).challenger !== null) await new Promise((resolve) => setTimeout(resolve, 20));
        held.letGo();
        expect(await started.handle.result()).to.include({ outcome: 'rolledBack', stage: 'promote' });
        expect(set.world.aliases).to.deep.equal({ champion: '1', challenger: null });
        await expectGivenBack(started, set);
      },
    });
  });

  it('keeps the first champion serving when its bake is stopped, since nothing else could', () =>
    onStage({
      environment,
      script: { rollout: atOnce },
      play: async (set) => {
        const started = await startRelease({ environment, set, first: true });
        await started.reached('bake');
        await started.handle.executeUpdate(releaseMessages.cancel, { args: [message] });
        const result = await started.handle.result();
        const { releaseId } = started.input;
        expect(result).to.include({ outcome: 'promoted', stage: 'bake', withdrawnAt: null });
        expect(result.reasons).to.deep.equal([
          'cancelled by bob: wrong data',
          `${releaseId} keeps serving: there is no other champion`,
        ]);
        expect(result.kept?.releaseId).to.equal(releaseId);
        expect((await started.plan()).champion.releaseId).to.equal(releaseId);
        expect([...set.world.served]).to.deep.equal([releaseId]);
      },
    }));

  for (const how of ['is stopped', 'fails'] as const)
    it(`keeps a champion whose bake is over when retiring the old one ${how}`, () => {
      const held = hold({ activity: 'retireRelease' });
      const broken = (name: string) => (name === 'retireRelease' ? 'retiring broke' : null);
      const rollout = { ...atOnce, bake: { duration: 'PT0S' } };
      return onStage({
        environment,
        script: { rollout, fail: how === 'fails' ? broken : held.fail },
        play: async (set) => {
          const started = await startRelease({ environment, set });
          await waitFor(async () => (set.world.names().includes('retireRelease') ? true : null));
          if (how === 'is stopped')
            await started.rollout.executeUpdate(rolloutMessages.abortUpdate, { args: [message] });
          held.letGo();
          const result = await started.handle.result();
          const { releaseId } = started.input;
          expect(result).to.include({ outcome: 'promoted', withdrawnAt: null });
          if (how === 'fails')
            expect(result.reasons).to.deep.equal(['retiring broke', `${releaseId} keeps serving: its bake was over`]);
          expect(result.kept?.releaseId).to.equal(releaseId);
          expect((await started.plan()).champion.releaseId).to.equal(releaseId);
          expect(set.world.served.has(releaseId)).to.equal(true);
          expect(set.world.aliases['champion']).to.equal(`version of ${releaseId}`);
        },
      });
    });
});
