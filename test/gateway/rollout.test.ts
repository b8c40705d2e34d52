import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { bucketCount, bucketOf } from '../../src/domain/rollout/buckets.js';
import type { Arm } from '../../src/domain/rollout/traffic-plan.js';
import { FragileStore } from './support/fragile-store.js';
import { ask, eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

const salt = 'a salt of the model';
const bucket = (key: string) => bucketOf({ salt, key });
/** Somebody whose bucket lies under, or not under, a share. */
const someone = ({ under, share }: { under: boolean; share: number }) =>
  Array.from({ length: 1000 }, (_, n) => `user ${n}`).find((user) => bucket(user) / bucketCount < share === under)!;
const [inside, outside] = [someone({ under: true, share: 0.5 }), someone({ under: false, share: 0.5 })];

describe('gateway: rollout', () => {
  let world: GatewayWorld;
  beforeEach(async () => {
    world = await openGatewayWorld();
  });
  afterEach(() => world.close());

  const releaseFor = async (app: FastifyInstance, user: string) =>
    (await ask(app, { body: { query: 'q', user } })).headers['x-release-id'];
  const armCounts = async (arm: Arm, revision = 1) => {
    const source = new StoreTelemetry({ store: world.store, onCorrupt: ({ reason }) => expect.fail(reason) });
    const { snapshots } = await source.read({ model, fromRevision: 1 });
    const counts = snapshots.find((one) => one.revision === revision)?.arms[arm];
    return counts && { requests: counts.requests, exposed: counts.exposed, events: eventCounts(counts.events) };
  };
  const eventCounts = (events: Record<string, { count: number }>) =>
    Object.fromEntries(Object.entries(events).map(([event, { count }]) => [event, count]));
  const settled = (arm: Arm, requests: number, revision = 1) =>
    eventually({ look: () => armCounts(arm, revision), holds: (seen) => seen?.requests === requests });

  it('follows the plan; a higher share only adds people', async () => {
    await world.writePlan();
    // However slow the machine, no challenger is too late.
    const app = await world.gateway({
      settings: { upstreamTimeoutMilliseconds: 20_000, requestTimeoutMilliseconds: 40_000 },
    });
    const people = Array.from({ length: 60 }, (_, n) => `person ${n}`);
    let challenged = new Set<string>();
    for (const challengerShare of [0.05, 0.25, 0.5, 1]) {
      const { revision } = await world.writePlan({ challengerShare });
      await eventually({
        look: async () => (await app.inject('/readyz')).json<{ plans: { revision: number }[] }>().plans[0]!.revision,
        holds: (seen) => seen === revision,
      });
      const releases = await Promise.all(people.map((user) => releaseFor(app, user)));
      const now = new Set(people.filter((_, n) => releases[n] === 'm-r2'));
      for (const user of people) expect(now.has(user)).to.equal(bucket(user) < challengerShare * bucketCount);
      for (const user of challenged) expect(now.has(user), user).to.equal(true);
      challenged = now;
    }
    expect(challenged.size).to.equal(people.length);
  });

  it('serves the fallback alone from the moment the lease lapses, with nobody telling it', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await world.writePlan({
      challengerShare: 1,
      lease: { until: '2026-11-21T12:10:00Z', fallback: world.target('m-r0') },
    });
    const store = new FragileStore(world.store);
    const app = await world.gateway({ clock: () => now, store });
    expect(await releaseFor(app, 'ann')).to.equal('m-r2');
    store.away = true;
    now = Date.parse('2026-11-21T12:09:59.999Z');
    expect(await releaseFor(app, 'ann')).to.equal('m-r2');
    now += 1;
    expect(await releaseFor(app, 'ann')).to.equal('m-r0');
    expect((await app.inject('/readyz')).json<{ plans: object[] }>().plans[0]).to.include({
      lapsed: true,
      challengerShare: 0,
    });
    store.away = false;
    await settled('challenger', 2);
    expect((await armCounts('champion'))!.requests, 'no share is under test any more').to.equal(0);
  });

  const faults: { name: string; script: object; events: string[] }[] = [
    { name: 'fails', script: { status: 500 }, events: ['error'] },
    { name: 'hangs', script: { hangs: true }, events: ['error', 'slow'] },
    { name: 'answers with nothing', script: { answer: ' ' }, events: ['error'] },
    { name: 'answers with something else', script: { rawBody: '<html>' }, events: ['error'] },
    { name: 'is not loaded', script: { status: 404 }, events: ['error'] },
    { name: 'refuses what the champion takes', script: { status: 400 }, events: ['error'] },
  ];
  for (const { name, script, events } of faults)
    it(`lets the champion answer when the challenger ${name}, and counts it against the challenger`, async () => {
      await world.writePlan({ challengerShare: 1 });
      const app = await world.gateway({ settings: { slowMilliseconds: 350 } });
      world.upstream.script({ model: 'm-r2', ...script });
      const response = await ask(app, { body: { query: 'q', user: 'ann' } });
      expect(response.statusCode, response.body).to.equal(200);
      expect(response.json()).to.include({ answer: 'm-r1: q', release: 'm-r1' });
      expect(response.headers['x-release-id']).to.equal('m-r1');
      const counted = await settled('challenger', 1);
      expect(Object.keys(counted!.events).sort()).to.deep.equal(events);
      expect(RoaringBucketSet.fromBase64(counted!.exposed).values()).to.deep.equal([bucket('ann')]);
      expect((await armCounts('champion'))!.requests).to.equal(0);
    });

  it("counts nobody's error when both arms refuse the request", async () => {
    await world.writePlan({ challengerShare: 1 });
    const app = await world.gateway();
    for (const release of ['m-r1', 'm-r2']) world.upstream.script({ model: release, status: 400 });
    expect((await ask(app)).statusCode).to.equal(400);
    for (const release of ['m-r1', 'm-r2']) world.upstream.script({ model: release });
    expect((await ask(app)).statusCode).to.equal(200);
    expect((await settled('challenger', 1))!.events).to.deep.equal({});
  });

  it('counts slow answers by the SLO of the model, and blocked ones', async () => {
    await world.writeServing({
      slowMilliseconds: 80,
      guardrails: { output: { refusal: 'block' }, reply: 'I can not say that.' },
    });
    await world.writePlan();
    const app = await world.gateway();
    world.upstream.script({ model: 'm-r1', delayMilliseconds: 100 });
    await ask(app);
    world.upstream.script({ model: 'm-r1', answer: 'I cannot help with that.' });
    const blocked = await ask(app, { body: { query: 'secret' } });
    expect(blocked.json()).to.include({ answer: 'I can not say that.' });
    expect((await settled('champion', 2))!.events).to.deep.equal({ slow: 1, blocked: 1 });
  });

  it('starts new counters with every revision', async () => {
    await world.writePlan();
    const app = await world.gateway();
    await ask(app);
    await world.writePlan({ challengerShare: 1 });
    await eventually({ look: () => releaseFor(app, 'ann'), holds: (release) => release === 'm-r2' });
    const counted = await eventually({ look: () => armCounts('challenger', 2), holds: (seen) => seen?.requests === 1 });
    // A loaded machine may make the one answer slow; nothing else can have happened to it.
    expect(Object.keys(counted!.events).filter((event) => event !== 'slow')).to.deep.equal([]);
    expect((await armCounts('challenger', 1))!.requests).to.equal(0);
  });

  it('keeps serving with the store away, and catches up on its counts', async () => {
    await world.writePlan({ challengerShare: 0.5 });
    const store = new FragileStore(world.store);
    const app = await world.gateway({ store });
    store.away = true;
    for (let n = 0; n < 10; n += 1) {
      expect(await releaseFor(app, inside)).to.equal('m-r2');
      expect(await releaseFor(app, outside)).to.equal('m-r1');
    }
    expect((await app.inject('/readyz')).statusCode).to.equal(200);
    // The requests above may all be answered before the plan is looked at again.
    await eventually({
      look: async () => (await app.inject('/metrics')).body,
      holds: (metrics) => /plan_refusals_total\{[^}]*reason="unreachable"\} [1-9]/.test(metrics),
    });
    store.away = false;
    await settled('challenger', 10);
    await settled('champion', 10);
  });

  it('counts no testers', async () => {
    await world.writePlan({ challengerShare: 0.5 });
    const app = await world.gateway();
    for (const arm of ['champion', 'challenger'])
      await ask(app, { key: 'tester', headers: { 'x-understudy-arm': arm } });
    world.upstream.script({ model: 'm-r2', status: 500 });
    const forced = await ask(app, { key: 'tester', headers: { 'x-understudy-arm': 'challenger' } });
    expect(forced.statusCode, 'a tester sees what the arm really says').to.equal(503);
    await ask(app, { body: { query: 'q', user: outside } });
    await settled('champion', 1);
    expect((await armCounts('challenger'))!.requests).to.equal(0);
  });

  it('counts what a caller gave up on as slow, not as an error', async () => {
    await world.writePlan();
    const app = await world.gateway({ settings: { slowMilliseconds: 0, upstreamTimeoutMilliseconds: 5000 } });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    world.upstream.script({ model: 'm-r1', hangs: true });
    const caller = new AbortController();
    const given = fetch(`${address}/query`, {
      method: 'POST',
      headers: { 'x-api-key': 'app', 'content-type': 'application/json' },
      body: '{"query":"q"}',
      signal: caller.signal,
    }).catch((error: unknown) => String(error));
    await eventually({ look: () => world.upstream.received.length, holds: (received) => received === 1 });
    caller.abort();
    expect(await given).to.match(/AbortError/);
    expect((await settled('champion', 1))!.events).to.deep.equal({ slow: 1 });
    await eventually({ look: () => world.upstream.hungUp(), holds: (hungUp) => hungUp === 1 });
  });
});
