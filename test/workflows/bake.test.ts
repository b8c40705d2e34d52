import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { startRelease, type StartedRelease } from './support/started-release.js';
import { verdict, type Script } from './support/world.js';

const rollout = { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] } };

describe('a bake that shows nothing', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const play = ({
    script,
    first = false,
    check,
  }: {
    script: Script;
    first?: boolean;
    check: (played: { started: StartedRelease; set: StageSet }) => Promise<void>;
  }): Promise<void> =>
    onStage({
      environment,
      script: { rollout, ...script },
      play: async (set) => check({ started: await startRelease({ environment, set, first }), set }),
    });

  const held = ({ world }: StageSet): string[] =>
    world.calls
      .filter(({ name }) => name === 'sendNotification')
      .map(({ input }) => input as { key: string; body: string })
      .filter(({ key }) => key.endsWith('/held-bake'))
      .map(({ body }) => body);

  for (const kind of ['unmeasured', 'inconclusive'] as const)
    it(`holds while it is ${kind}, tells people once, and passes once it is clear`, () => {
      let looks = 0;
      return play({
        script: { bake: () => verdict((looks += 1) < 4 ? kind : 'pass', 'no live gateway') },
        check: async ({ started, set }) => {
          expect(await started.handle.result()).to.include({ outcome: 'promoted', withdrawnAt: null });
          expect(looks).to.equal(4);
          expect(held(set)).to.deep.equal(['no live gateway']);
        },
      });
    });

  it('is taken back after its maximum where the spec says so', () =>
    play({
      script: {
        rollout: {
          ...rollout,
          canary: { ...rollout.canary, onUnmeasured: 'rollback' },
          bake: { duration: '1h', maximum: '2h' },
        },
        bake: () => verdict('unmeasured', 'no live gateway'),
      },
      check: async ({ started }) => {
        const result = await started.handle.result();
        expect(result.reasons).to.deep.equal(['no live gateway']);
        expect(result.withdrawnAt).to.be.a('string');
        expect((await started.plan()).champion.releaseId).to.equal(started.input.champion!.releaseId);
      },
    }));

  it('goes by the spec where telling people took longer than its maximum', () => {
    let begun: number | null = null;
    const fail = async (activity: string, input: unknown): Promise<null> => {
      if (activity !== 'sendNotification' || !(input as { key: string }).key.endsWith('/held-bake')) return null;
      const now = await environment.currentTimeMs();
      begun ??= now;
      if (now - begun < 20 * 60_000) throw new Error('the notifier is away');
      return null;
    };
    return play({
      script: {
        fail,
        rollout: {
          ...rollout,
          canary: { ...rollout.canary, onUnmeasured: 'rollback' },
          bake: { duration: '1m', maximum: '3m' },
        },
        bake: () => verdict('unmeasured', 'no live gateway'),
      },
      check: async ({ started }) => {
        expect((await started.handle.result()).reasons).to.deep.equal(['no live gateway']);
      },
    });
  });

  it('tells people when a first champion breaks its limit, and keeps it', () =>
    play({
      script: { bake: () => verdict('fail', 'error on 9 of 60 keys') },
      first: true,
      check: async ({ started, set }) => {
        expect(await started.handle.result()).to.include({ outcome: 'promoted', withdrawnAt: null });
        expect(held(set)).to.deep.equal([]);
        const told = set.world.calls.filter(({ name }) => name === 'sendNotification').map(({ input }) => input);
        expect(told.at(-1)).to.deep.include({ severity: 'critical', body: 'error on 9 of 60 keys' });
      },
    }));
});
