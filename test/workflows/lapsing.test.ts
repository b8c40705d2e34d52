import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { workflowIds } from '../../src/contracts/names.js';
import type { ReleaseResult } from '../../src/contracts/release.js';
import { localEnvironment, timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { startRelease, waitFor, type StartedRelease } from './support/started-release.js';
import { verdict, type Script } from './support/world.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const unreadable = { verdict: 'unmeasured', reason: 'counters can not be read', leaseLapsed: true } as const;

describe('a lease that lapses again and again', function () {
  this.timeout(170_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  interface Played {
    result: ReleaseResult;
    set: StageSet;
    started: StartedRelease;
    /** Its rollout, in milliseconds. */
    took: number;
    /** Of its rollout's history. */
    events: number;
  }

  const play = ({
    step = {},
    canary = {},
    lease = '10m',
    check,
    ...script
  }: Omit<Script, 'step' | 'rollout'> & {
    step?: { says?: Script['step'] } & Record<string, unknown>;
    canary?: Record<string, unknown>;
    lease?: string;
    rollout?: Record<string, unknown>;
    check: (played: Played) => Promise<void> | void;
  }): Promise<void> => {
    const { says, ...ofStep } = step;
    return onStage({
      environment,
      script: {
        ...script,
        rollout: {
          ...{ approval: { automatic: true }, lease, bake: { duration: '1h' } },
          ...{ canary: { steps: [{ share: '5%', duration: '30m', maximum: '6h', ...ofStep }], ...canary } },
          ...script.rollout,
        },
        ...(says && { step: says }),
      },
      play: async (set) => {
        const started = await startRelease({ environment, set });
        const result = await started.handle.result();
        const id = workflowIds.rollout(started.input.releaseId);
        const rollout = await environment.client.workflow.getHandle(id).describe();
        const took = rollout.closeTime!.getTime() - rollout.startTime.getTime();
        await check({ result, set, started, took, events: rollout.historyLength });
      },
    });
  };

  const startsAt = ({ world }: StageSet, share: number): number[] => {
    const at = world.plans.filter(({ challengerShare }) => challengerShare === share).map((one) => Date.parse(one.at));
    return at.map((one) => one - at[0]!);
  };
  const told = ({ world }: StageSet): { key: string; title: string; body: string }[] =>
    world.calls
      .filter(({ name }) => name === 'sendNotification')
      .map(({ input }) => input as { key: string; title: string; body: string })
      .filter(({ key }) => /\/(lapsed|held)-/.test(key));

  it('ends a step at its maximum as the spec says, and hands users over ever more seldom until then', () =>
    play({
      step: { says: () => unreadable },
      canary: { onUnmeasured: 'rollback' },
      check: async ({ result, set, took, started }) => {
        expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
        expect(result.reasons[0]).to.match(/^the lease lapsed and nobody .*; counters can not be read$/);
        expect(took).to.be.within(6 * hour, 6 * hour + 10 * minute);
        expect(startsAt(set, 0.05)).to.have.length(7);
        expect((await started.plan()).challengerShare).to.equal(0);
        expect(told(set).map(({ key }) => key)).to.deep.equal([`${started.input.releaseId}/lapsed-0.05`]);
      },
    }));

  for (const kind of ['pass', 'inconclusive'] as const)
    it(`takes what is ${kind} under a lapsed lease for inconclusive`, () =>
      play({
        step: { says: () => ({ verdict: kind, reason: '12 keys', leaseLapsed: true }) },
        canary: { onInconclusive: 'rollback', onUnmeasured: 'hold' },
        check: ({ result, took }) => {
          expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
          expect(took).to.be.within(6 * hour, 6 * hour + 10 * minute);
        },
      }));

  it('goes on where the lease holds again within the maximum', () => {
    let looks = 0;
    return play({
      step: { says: () => ((looks += 1) < 6 ? unreadable : {}) },
      canary: { onUnmeasured: 'rollback' },
      check: ({ result, took }) => {
        expect(result.outcome).to.equal('promoted');
        expect(took).to.be.lessThan(7 * hour + 10 * minute);
      },
    });
  });

  it('keeps its history short for a week of the shortest leases', () => {
    let looks = 0;
    const holdsThenLapses = () => ({ ...unreadable, leaseLapsed: (looks += 1) % 2 === 0 });
    return play({
      step: { duration: 'PT1S', maximum: '7d', says: holdsThenLapses },
      canary: { onUnmeasured: 'rollback' },
      lease: '50s',
      check: ({ result, took, events }) => {
        expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
        expect(took).to.be.within(7 * day, 7 * day + hour);
        expect(events).to.be.lessThan(2000);
      },
    });
  });

  it('holds on where the spec says so, tells people once, and goes on when the lease holds', () => {
    let looks = 0;
    return play({
      step: { says: () => ((looks += 1) < 40 ? unreadable : {}) },
      canary: { onUnmeasured: 'hold' },
      check: ({ result, set, started, took, events }) => {
        const { releaseId } = started.input;
        expect(result.outcome).to.equal('promoted');
        expect(told(set).map(({ key }) => key)).to.deep.equal([`${releaseId}/lapsed-0.05`, `${releaseId}/held-0.05`]);
        expect(took).to.be.greaterThan(14 * day);
        expect(events).to.be.lessThan(2000);
      },
    });
  });

  it('counts the maximum of a bake over its starts, and tells people that it starts again', () =>
    play({
      canary: { onInconclusive: 'rollback' },
      rollout: { bake: { duration: '1h', maximum: '5h', holdback: '10%' } },
      bake: () => ({ ...verdict('inconclusive', 'the lease lapsed'), gate: 'lease' }),
      check: async ({ result, set, started, took }) => {
        const { champion, releaseId } = started.input;
        expect(result.withdrawnAt).to.be.a('string');
        expect((await started.plan()).champion.releaseId).to.equal(champion!.releaseId);
        expect(took).to.be.within(5.5 * hour, 6.5 * hour + minute);
        const promotions = set.world.plans.filter(({ challengerShare }) => challengerShare === 1);
        expect(promotions.map(({ holdback }) => holdback)).to.deep.equal([0.1, 0.1, 0.1, 0.1, 0.1]);
        expect(told(set).map(({ key, title }) => [key, title])).to.deep.equal([
          [`${releaseId}/lapsed-bake`, `${releaseId} starts its bake again`],
        ]);
      },
    }));
});

describe('an outage in a canary step', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  const awayMilliseconds = 8000;

  /** Plays a release whose workers are away while its step of a second waits, and whose lease lapses so many times. */
  const play = ({
    maximum,
    lapses,
    check,
  }: {
    maximum: string;
    lapses: number;
    check: (played: { result: ReleaseResult; starts: number }) => void;
  }): Promise<void> => {
    let looks = 0;
    return onStage({
      environment,
      script: {
        rollout: {
          ...{ approval: { automatic: true }, lease: 'PT0.5S', bake: { duration: 'PT0S' } },
          canary: { steps: [{ share: '5%', duration: 'PT5S', maximum }], onUnmeasured: 'rollback' },
        },
        step: () => ((looks += 1) <= lapses ? unreadable : {}),
      },
      play: async (set) => {
        const { handle } = await startRelease({ environment, set });
        const starts = () => set.world.plans.filter(({ challengerShare }) => challengerShare === 0.05).length;
        await waitFor(async () => starts() || null);
        await set.whileAway(() => new Promise((resolve) => setTimeout(resolve, awayMilliseconds)));
        check({ result: await handle.result(), starts: starts() });
      },
    });
  };

  for (const [maximum, which] of [
    ['1m', 'that leaves time'],
    ['6s', 'that took the rest of the maximum'],
  ] as const)
    it(`${which} decides nothing: the step passes on what it sees afterwards`, () =>
      play({
        ...{ maximum, lapses: 1 },
        check: ({ result, starts }) => {
          expect(result.outcome).to.equal('promoted');
          expect(starts).to.equal(2);
        },
      }));

  it('that took the rest of the maximum is made up for by one start, and no second', () =>
    play({
      ...{ maximum: '6s', lapses: Infinity },
      check: ({ result, starts }) => {
        expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
        expect(starts).to.equal(2);
      },
    }));
});
