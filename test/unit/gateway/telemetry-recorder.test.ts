import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RoaringBucketSet } from '../../../src/adapters/bitmap/roaring-bucket-set.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { telemetryKey } from '../../../src/adapters/store-telemetry/read-snapshot.js';
import { StoreTelemetry } from '../../../src/adapters/store-telemetry/store-telemetry.js';
import { latencyBounds, type Telemetry } from '../../../src/domain/rollout/telemetry.js';
import { TelemetryRecorder } from '../../../src/gateway/telemetry-recorder.js';
import { FragileStore } from '../../gateway/support/fragile-store.js';

const values = (bitmap: string) => RoaringBucketSet.fromBase64(bitmap).values();

describe('telemetry recorder', () => {
  let folder: string;
  let store: FragileStore;
  let now: number;
  let failures: string[];
  const open: TelemetryRecorder[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telemetry-'));
    store = new FragileStore(new DirectoryStore({ root: folder }));
    now = Date.parse('2026-11-21T12:00:30Z');
    failures = [];
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((recorder) => recorder.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  const recorder = (gateway = 'g1') => {
    const made = new TelemetryRecorder({
      store,
      gateway,
      clock: () => now,
      flushMilliseconds: 60_000,
      onFailure: ({ error }) => failures.push(String(error)),
    });
    open.push(made);
    return made;
  };
  const attempt = (to: TelemetryRecorder, bucket: number, events: string[] = [], milliseconds = 120) =>
    to.attempt({ model: 'm', revision: 2, arm: 'challenger', bucket, milliseconds, events });
  const stored = async (gateway = 'g1'): Promise<Telemetry> => {
    const source = new StoreTelemetry({ store, onCorrupt: ({ reason }) => expect.fail(reason) });
    const { snapshots } = await source.read({ model: 'm', fromRevision: 1 });
    const found = snapshots.find((one) => one.gateway === gateway);
    if (!found) throw new Error(`nothing of ${gateway} in the store`);
    return found;
  };

  it('counts requests, latencies, events and their buckets', async () => {
    const one = recorder();
    attempt(one, 5, ['error', 'slow'], 700);
    attempt(one, 5, ['error'], 10);
    attempt(one, 9, [], 1e6);
    one.event({ model: 'm', revision: 2, arm: 'challenger', event: 'thumbsDown', bucket: 9 });
    await one.flush();
    const { arms, at } = await stored();
    expect(at).to.equal('2026-11-21T12:00:30.000Z');
    expect(arms.challenger.requests).to.equal(3);
    expect(values(arms.challenger.exposed)).to.deep.equal([5, 9]);
    expect(arms.challenger.events.error!.count).to.equal(2);
    expect(values(arms.challenger.events.error!.buckets)).to.deep.equal([5]);
    expect(values(arms.challenger.events.thumbsDown!.buckets)).to.deep.equal([9]);
    const slots = arms.challenger.latency.flatMap((count, slot) =>
      count > 0 ? [latencyBounds[slot] ?? Infinity] : [],
    );
    expect(slots, '10 ms falls into its own bound, 1,000 s above all').to.deep.equal([10, 800, Infinity]);
    expect(arms.champion.requests).to.equal(0);
  });

  it('says under every revision that it has ended, and takes that back when it starts again', async () => {
    const one = recorder();
    attempt(one, 5);
    await one.flush();
    expect((await stored()).ended).to.equal(undefined);
    await one.stop();
    expect((await stored()).ended).to.equal(true);
    const again = recorder();
    again.touch({ model: 'm', revision: 2 });
    await again.flush();
    const { ended, arms } = await stored();
    expect(ended).to.equal(undefined);
    expect(arms.challenger.requests).to.equal(1);
  });

  it("keeps each key's first request of a minute for the breaker, ten minutes long", async () => {
    const one = recorder();
    attempt(one, 1, ['error']);
    attempt(one, 1, []);
    attempt(one, 2, []);
    attempt(one, 2, ['error']);
    now += 60_000;
    attempt(one, 2, ['error']);
    const minutes = one.snapshot({ model: 'm', revision: 2 })!.breaker;
    expect(minutes.map(({ arms }) => values(arms.challenger.keys))).to.deep.equal([[1, 2], [2]]);
    expect(minutes.map(({ arms }) => values(arms.challenger.events.error!))).to.deep.equal([[1], [2]]);
    now += 9 * 60_000;
    expect(one.snapshot({ model: 'm', revision: 2 })!.breaker).to.have.length(1);
    now += 60_000;
    expect(one.snapshot({ model: 'm', revision: 2 })!.breaker).to.deep.equal([]);
  });

  it('goes on where the process before it stopped', async () => {
    const before = recorder();
    attempt(before, 1, ['error']);
    await before.stop();
    const after = recorder();
    attempt(after, 1, ['error']);
    attempt(after, 2, ['slow']);
    await after.flush();
    await after.flush();
    const { arms, breaker } = await stored();
    expect(arms.challenger.requests).to.equal(3);
    expect(arms.challenger.events.error!.count).to.equal(2);
    expect(values(arms.challenger.exposed)).to.deep.equal([1, 2]);
    expect(arms.challenger.latency.reduce((sum, count) => sum + count, 0)).to.equal(3);
    expect(values(breaker[0]!.arms.challenger.keys)).to.deep.equal([1, 2]);
  });

  it('counts on while the store is away, and writes everything once it is back', async () => {
    const one = recorder();
    store.away = true;
    attempt(one, 1);
    await one.flush();
    attempt(one, 2);
    expect(failures).to.have.length(1);
    store.away = false;
    await one.flush();
    expect((await stored()).arms.challenger.requests).to.equal(2);
  });

  it('counts nothing twice when the confirmation of a write is lost', async () => {
    const one = recorder();
    attempt(one, 1);
    await one.flush();
    attempt(one, 2, ['error']);
    store.losesConfirmation = true;
    await one.flush();
    attempt(one, 3);
    await one.flush();
    await one.flush();
    const { arms } = await stored();
    expect(arms.challenger.requests).to.equal(3);
    expect(arms.challenger.events.error!.count).to.equal(1);
  });

  it('adds up when two processes run under one gateway id', async () => {
    const [left, right] = [recorder(), recorder()];
    for (let n = 0; n < 5; n += 1) {
      attempt(left, n);
      attempt(right, 100 + n, ['error']);
      await left.flush();
      await right.flush();
    }
    for (const one of [left, right, left, right]) await one.flush();
    const { arms } = await stored();
    expect(arms.challenger.requests).to.equal(10);
    expect(arms.challenger.events.error!.count).to.equal(5);
    expect(values(arms.challenger.exposed)).to.deep.equal([0, 1, 2, 3, 4, 100, 101, 102, 103, 104]);
  });

  it('starts anew over a snapshot that can not be read, and says so', async () => {
    const key = telemetryKey({ model: 'm', revision: 2, gateway: 'g1' });
    await store.compareAndSet({ key, body: Buffer.from('{"half":'), expected: null });
    const one = recorder();
    attempt(one, 1);
    await one.flush();
    expect(failures.join()).to.match(/corrupt, counting starts anew/);
    expect((await stored()).arms.challenger.requests).to.equal(1);
  });

  it('writes a touched revision although nobody asked anything', async () => {
    const one = recorder();
    one.touch({ model: 'm', revision: 2 });
    await one.flush();
    expect((await stored()).arms.champion.requests).to.equal(0);
  });

  it('forgets an old revision and finds it again for late feedback', async () => {
    const one = recorder();
    attempt(one, 1);
    await one.flush();
    now += 11 * 60_000;
    await one.flush();
    expect(one.snapshot({ model: 'm', revision: 2 })).to.equal(null);
    one.event({ model: 'm', revision: 2, arm: 'challenger', event: 'conversion', bucket: 1 });
    await one.flush();
    const { arms } = await stored();
    expect(arms.challenger.requests).to.equal(1);
    expect(arms.challenger.events.conversion!.count).to.equal(1);
  });

  it('knows when it reads the store and could write nothing for five minutes, until it can', async () => {
    const one = recorder();
    const isMute = () => one.isMute({ model: 'm', revision: 2, readAt: now });
    attempt(one, 5);
    await one.flush();
    now += 3_600_000;
    expect(isMute(), 'nothing to say').to.equal(false);
    attempt(one, 6);
    store.away = true;
    await one.flush();
    now += 299_999;
    attempt(one, 7);
    await one.flush();
    expect(isMute()).to.equal(false);
    now += 1;
    expect(isMute()).to.equal(true);
    expect(one.isMute({ model: 'm', revision: 2, readAt: now - 1 }), 'the store is away').to.equal(false);
    expect(one.isMute({ model: 'm', revision: 3, readAt: now }), 'another revision').to.equal(false);
    store.away = false;
    await one.flush();
    expect(isMute()).to.equal(false);
  });
});
