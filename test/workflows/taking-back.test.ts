import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import type { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { hold } from './support/hold.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';
import { verdict, type Script, type World } from './support/world.js';

const rollout = {
  approval: { automatic: true },
  canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
  bake: { duration: 'PT0S' },
};

interface Play {
  model: string;
  handle: WorkflowHandle<typeof modelLifecycle>;
  world: World;
  request: () => Promise<unknown>;
  ended: (count: number) => Promise<LifecycleState>;
  terminate: (workflowId: string) => Promise<void>;
}

describe('taking a model back late', function () {
  this.timeout(40_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  /** Plays after a first release has been promoted. */
  const withChampion = (script: Script, play: (input: Play) => Promise<void>) =>
    onStage({
      environment,
      script: { rollout, ...script },
      play: async ({ world, orchestration }) => {
        const { model, handle, state, request, ...lifecycle } = await startLifecycle({ environment, orchestration });
        const ended = (count: number) =>
          waitFor(async () => {
            const now = await state();
            return now.ended.length >= count ? now : null;
          });
        const terminate = async (workflowId: string) => {
          await environment.client.workflow.getHandle(workflowId).terminate('a test');
        };
        try {
          await request();
          await ended(1);
          await play({ model, handle, world, request, ended, terminate });
        } finally {
          await lifecycle.terminate();
        }
      },
    });

  /** Traffic, aliases, what is loaded and what the lifecycle believes name the same release. */
  async function expectServes({
    world,
    model,
    state,
    number,
  }: Pick<Play, 'world' | 'model'> & { state: LifecycleState; number: number }) {
    const releaseId = `${model}-r${number}`;
    expect(state.champion?.releaseId).to.equal(releaseId);
    expect(await world.router.read({ model })).to.deep.include({ challenger: null, challengerShare: 0 });
    expect((await world.router.read({ model }))!.champion.releaseId).to.equal(releaseId);
    expect(world.served.has(releaseId), `${releaseId} is loaded`).to.equal(true);
    expect(world.aliases).to.deep.equal({ champion: `version of ${releaseId}`, challenger: null });
  }

  it('keeps a promotion whose record can not be written, and says so', () => {
    let broken = false;
    return withChampion(
      { fail: (name) => (broken && name === 'closeRelease' ? 'the report could not be drawn' : null) },
      async ({ world, model, request, ended }) => {
        broken = true;
        await request();
        const state = await ended(2);
        expect(state.ended.at(-1)).to.include({ outcome: 'promoted', withdrawnAt: null });
        expect(state.ended.at(-1)!.reasons.at(-1)).to.equal('no record was written: the report could not be drawn');
        await expectServes({ world, model, state, number: 2 });
      },
    );
  });

  it('serves the champion again when a release is terminated after its promotion', () => {
    const held = hold({ activity: 'closeRelease', call: 2 });
    return withChampion({ fail: held.fail }, async ({ world, model, request, ended, terminate }) => {
      await request();
      try {
        await held.reached;
        expect(world.served.has(`${model}-r1`)).to.equal(false);
        await terminate(`release:${model}-r2`);
        const state = await ended(2);
        await expectServes({ world, model, state, number: 1 });
        // A step of the release may still land: everything is gone through again.
        expect(state.unfinishedReturn).to.deep.include({ step: `${model}-r2/lost`, notUndone: [], tries: 0 });
      } finally {
        held.letGo();
      }
    });
  });

  it('serves the champion again when a rollout is terminated while it retires that', () => {
    // The first release retires nothing.
    const held = hold({ activity: 'retireRelease', call: 1 });
    return withChampion({ fail: held.fail }, async ({ world, model, request, ended, terminate }) => {
      await request();
      try {
        await held.reached;
        world.served.delete(`${model}-r1`);
        await terminate(`rollout:${model}-r2`);
        const state = await ended(2);
        expect(state.ended.at(-1)).to.include({ outcome: 'failed', champion: `${model}-r1` });
        await expectServes({ world, model, state, number: 1 });
        expect(world.served.has(`${model}-r2`)).to.equal(false);
        // What the rollout had under way may still land: everything is gone through again.
        expect(state.unfinishedReturn).to.deep.include({ step: `${model}-r2/lost`, notUndone: [], tries: 0 });
      } finally {
        held.letGo();
      }
    });
  });

  it('lets a rollback win over a promotion that is being recorded', () => {
    const held = hold({ activity: 'closeRelease', call: 2 });
    return withChampion({ fail: held.fail }, async ({ world, model, handle, request, ended }) => {
      await request();
      try {
        await held.reached;
        const answer = await handle.executeUpdate(lifecycleMessages.rollback, {
          args: [{ to: null, reason: 'customers complain', by: 'ann' }],
        });
        expect(answer.champion).to.equal(`${model}-r1`);
        expect(world.served.has(`${model}-r1`), 'loaded when it is promised').to.equal(true);
      } finally {
        held.letGo();
      }
      const state = await ended(2);
      expect(state.ended.at(-1)).to.include({ releaseId: `${model}-r2`, outcome: 'promoted' });
      expect(state.ended.at(-1)!.withdrawnAt).to.be.a('string');
      await expectServes({ world, model, state, number: 1 });
      const inputs = (name: string) => world.calls.filter((call) => call.name === name).map((call) => call.input);
      const [{ withdrawal }] = inputs('recordWithdrawal') as [{ withdrawal: Record<string, unknown> }];
      const who = { by: 'ann', reason: 'customers complain' };
      expect(withdrawal).to.deep.include({ releaseId: `${model}-r2`, to: `${model}-r1`, ...who });
      const told = inputs('sendNotification') as { title: string; body: string }[];
      expect(told.at(-1)!.title).to.equal(`${model}: users were taken off ${model}-r2 and given to ${model}-r1`);
      expect(told.at(-1)!.body).to.equal('rollback by ann: customers complain');
    });
  });

  it('moves the aliases back with the traffic when a rollout is terminated in its bake', () => {
    const held = hold({ activity: 'assessBake', call: 2 });
    return withChampion({ fail: held.fail }, async ({ world, model, request, ended, terminate }) => {
      await request();
      try {
        await held.reached;
        expect(world.aliases['champion']).to.equal(`version of ${model}-r2`);
        await terminate(`rollout:${model}-r2`);
        const state = await ended(2);
        expect(state.ended.at(-1)).to.include({ outcome: 'failed' });
        await expectServes({ world, model, state, number: 1 });
      } finally {
        held.letGo();
      }
    });
  });

  it('starts a bake again whose lease lapsed, since the old champion served it alone', () => {
    let bakes = 0;
    const lapsed = { ...verdict('inconclusive'), gate: 'lease' };
    return withChampion({ bake: () => ((bakes += 1) === 2 ? lapsed : verdict('pass')) }, async (play) => {
      await play.request();
      const state = await play.ended(2);
      expect(bakes).to.equal(3);
      const shares = play.world.plans.filter((plan) => plan.challengerShare === 1);
      expect(shares.map((plan) => plan.reason)).to.deep.equal([
        `${play.model}-r2: promoted, holdback 5 %`,
        `${play.model}-r2: promoted, holdback 5 %, start 2`,
      ]);
      await expectServes({ ...play, state, number: 2 });
    });
  });
});
