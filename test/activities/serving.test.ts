import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { PortError, type ServingPlatform, type TrafficRouter } from '../../src/activities/ports.js';
import { createServingActivities, type DeployInput } from '../../src/activities/serving.js';

const served = { endpoint: 'http://127.0.0.1:1/v1', liveEndpoint: 'http://127.0.0.1:1/v1', adapter: 'm-r2' };
const wanted: DeployInput = { model: 'm', releaseId: 'm-r2', base: 'base', adapter: null };

const routerOf = (champion: string | null) =>
  ({
    read: async () => (champion === null ? null : { champion: { releaseId: champion } }),
  }) as unknown as TrafficRouter;

describe('retireRelease', () => {
  /** On a platform that serves it again once it is retired, so many times. */
  const retiring = ({ champion, late = 0 }: { champion: string | null; late?: number }) => {
    const retired: string[] = [];
    let slept = 0;
    const timing = {
      now: () => slept,
      sleep: async (milliseconds: number) => void (slept += milliseconds),
    };
    const serving = {
      retire: async ({ releaseId }: { releaseId: string }) => {
        retired.push(releaseId);
      },
      served: async () => (retired.length <= late ? ['m-r1', 'm-r2'] : ['m-r2']),
    } as unknown as ServingPlatform;
    const { retireRelease } = createServingActivities({ serving, router: routerOf(champion), timing });
    return { retired, retire: () => retireRelease({ model: 'm', releaseId: 'm-r1' }) };
  };

  for (const champion of [null, 'm-r2'])
    it(`ends the serving where ${champion ?? 'nobody'} is champion`, async () => {
      const { retired, retire } = retiring({ champion });
      await retire();
      expect(retired).to.deep.equal(['m-r1']);
    });

  it('ends what landed late, after it was retired', async () => {
    const { retired, retire } = retiring({ champion: null, late: 1 });
    await retire();
    expect(retired).to.deep.equal(['m-r1', 'm-r1']);
  });

  it('comes too late for a release that was given the users back', async () => {
    const { retired, retire } = retiring({ champion: 'm-r1' });
    const failure = await retire().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(PortError).and.include({ type: 'PlanFenced', retryable: false });
    expect(retired).to.deep.equal([]);
  });
});

describe('deployRelease', () => {
  /** A platform that has room and is ready from so many seconds on. */
  function platform({ roomAt = 0, readyAt = 0 }: { roomAt?: number; readyAt?: number }) {
    let now = 0;
    const calls: string[] = [];
    const serving: ServingPlatform = {
      capacity: async () => {
        calls.push('capacity');
        return { enough: now >= roomAt * 1000, reason: '3 requests wait' };
      },
      deploy: async () => {
        calls.push('deploy');
        return served;
      },
      readiness: async () => ({ ready: now >= readyAt * 1000, reason: 'not loaded' }),
      retire: async () => undefined,
      served: async () => [],
    };
    const timing = {
      now: () => now,
      sleep: async (milliseconds: number) => {
        now += milliseconds;
      },
    };
    const deploy = (input: DeployInput) => {
      const { deployRelease } = createServingActivities({ serving, router: routerOf(null), timing });
      return new MockActivityEnvironment().run((given: DeployInput) => deployRelease(given), input);
    };
    return { deploy, calls };
  }
  const failureOf = async (deployed: Promise<unknown>): Promise<PortError> =>
    (await deployed.then(
      () => null,
      (error: unknown) => error,
    )) as PortError;

  it('says to the platform what can wait, and whom it is compared with', async () => {
    const told: unknown[] = [];
    const serving = {
      deploy: async ({ offline }: { offline?: unknown }) => {
        told.push(offline);
        return served;
      },
      readiness: async ({ offline }: { offline?: unknown }) => {
        told.push(offline);
        return { ready: true, reason: '' };
      },
    } as unknown as ServingPlatform;
    const { deployRelease } = createServingActivities({ serving, router: routerOf(null) });
    const offline = { beside: ['m-r1'] };
    await new MockActivityEnvironment().run((given: DeployInput) => deployRelease(given), { ...wanted, offline });
    expect(told).to.deep.equal([offline, offline]);
  });

  it('waits for room before it loads anything, then until it answers', async () => {
    const { deploy, calls } = platform({ roomAt: 5, readyAt: 9 });
    expect(await deploy({ ...wanted, deadline: 'PT1M' })).to.deep.equal(served);
    expect(calls.indexOf('deploy')).to.equal(calls.length - 1);
    expect(calls.length).to.be.greaterThan(5);
  });

  it('gives up for good where there is no room by the deadline, and has loaded nothing', async () => {
    const { deploy, calls } = platform({ roomAt: 100 });
    const failure = await failureOf(deploy({ ...wanted, deadline: 'PT1M' }));
    expect(failure).to.be.instanceOf(PortError).and.include({ type: 'NotReady', retryable: false });
    expect(failure.message).to.equal('m-r2 has found no room after 61 s > 60 s: 3 requests wait');
    expect(calls).to.not.include('deploy');
  });

  it('gives up for good where it does not answer by the deadline', async () => {
    const failure = await failureOf(platform({ readyAt: 100 }).deploy({ ...wanted, deadline: 'PT1M' }));
    expect(failure).to.include({ type: 'NotReady' });
    expect(failure.message).to.match(/^m-r2 is not ready after 61 s > 60 s: not loaded$/);
  });

  it('loads what served before at once, room or not', async () => {
    const { deploy, calls } = platform({ roomAt: 1000 });
    await deploy(wanted);
    expect(calls).to.deep.equal(['deploy']);
  });
});
