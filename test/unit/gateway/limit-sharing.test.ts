import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { LimitSharing } from '../../../src/gateway/limit-sharing.js';
import { RateLimiter } from '../../../src/gateway/rate-limit.js';
import { FragileStore } from '../../gateway/support/fragile-store.js';

const noon = Date.parse('2026-11-21T12:00:00Z');
const pauseMilliseconds = 500;

describe('limits over several gateways', () => {
  let folder: string;
  let store: FragileStore;
  let now: number;
  let failures: unknown[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'limits-'));
    store = new FragileStore(new DirectoryStore({ root: folder }));
    now = noon;
    failures = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const gateway = (name: string) => {
    const limiter = new RateLimiter();
    const onFailure = (error: unknown) => failures.push(error);
    return {
      limiter,
      sharing: new LimitSharing({ store, gateway: name, limiter, clock: () => now, pauseMilliseconds, onFailure }),
    };
  };
  const gateways = (count: number) => Array.from({ length: count }, (_, n) => gateway(`g${n}`));

  /** Floods the key for so long, by the gateways' own clock, and returns how many requests came through. */
  const flood = async (input: {
    on: ReturnType<typeof gateways>;
    seconds: number;
    quota: number | null;
  }): Promise<number> => {
    let allowed = 0;
    const step = 50;
    for (let at = 0; at < input.seconds * 1000; at += step) {
      now = noon + at;
      for (const { limiter } of input.on)
        for (let n = 0; n < 10; n += 1) allowed += Number(limiter.take({ id: 'a', quota: input.quota, now }).allowed);
      if (at % pauseMilliseconds === 0) for (const { sharing } of input.on) await sharing.share();
    }
    return allowed;
  };

  for (const count of [2, 3])
    it(`keeps the rate within 10 % with a flood on ${count} gateways`, async () => {
      const seconds = 30;
      const allowed = await flood({ on: gateways(count), seconds, quota: null });
      const limit = 100 + 50 * seconds;
      expect(allowed / limit).to.be.within(0.9, 1.1);
    });

  it('keeps the quota of a day within 10 % with a flood on 3 gateways', async () => {
    const allowed = await flood({ on: gateways(3), seconds: 30, quota: 1000 });
    expect(allowed).to.be.within(1000, 1100);
  });

  it('counts on after a restart under the same name, and takes a new gateway in', async () => {
    const first = gateway('g0');
    for (let n = 0; n < 40; n += 1) first.limiter.take({ id: 'a', now });
    await first.sharing.stop();
    const [again, other] = [gateway('g0'), gateway('g1')];
    for (const { sharing } of [again, other]) {
      await sharing.start();
      await sharing.stop();
    }
    const left = ({ limiter }: typeof again) => limiter.take({ id: 'a', quota: 41, now }).remaining;
    expect([left(again), left(other)]).to.deep.equal([0, 0]);
  });

  it('begins a new day with nothing, and clears away what stood there for days', async () => {
    const [one, other] = gateways(2) as [ReturnType<typeof gateway>, ReturnType<typeof gateway>];
    for (let n = 0; n < 60; n += 1) one.limiter.take({ id: 'a', now });
    await one.sharing.share();
    await other.sharing.share();
    now = noon + 86_400_000;
    await other.sharing.share();
    expect(other.limiter.take({ id: 'a', quota: 60, now })).to.include({ allowed: true, remaining: 59 });
    now = noon + 2 * 86_400_000;
    await gateway('g9').sharing.share();
    expect(await store.get({ key: 'limits/g0.json' })).to.equal(null);
  });

  it('lets each gateway keep the limits by itself while the store is away, and says so', async () => {
    const pair = gateways(2);
    store.away = true;
    const allowed = await flood({ on: pair, seconds: 4, quota: null });
    expect(allowed).to.be.within(2 * (100 + 50 * 3.9), 2 * (100 + 50 * 4));
    expect(failures.length).to.be.greaterThan(0);
  });

  it('passes over what is no count of requests, and says so', async () => {
    await store.put({ key: 'limits/other.json', body: Buffer.from('{') });
    const { sharing, limiter } = gateway('g0');
    await sharing.share();
    expect(limiter.take({ id: 'a', now }).allowed).to.equal(true);
    expect(String(failures[0])).to.match(/limits\/other\.json/);
  });
});
