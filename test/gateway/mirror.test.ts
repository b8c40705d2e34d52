import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { shadowPairSchema, type ShadowPair } from '../../src/contracts/shadow-pair.js';
import { isMirrored } from '../../src/domain/rollout/mirror-sample.js';
import { ask, eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';
import { readSegments } from './support/read-segments.js';

const chat = '/v1/chat/completions';

describe('gateway: mirror', () => {
  let world: GatewayWorld;
  beforeEach(async () => {
    world = await openGatewayWorld();
  });
  afterEach(() => world.close());

  const pairs = async () =>
    (await readSegments<ShadowPair>({ store: world.store, prefix: 'shadow/m-r2/' })).rows.map((row) =>
      shadowPairSchema.parse(row),
    );
  const pairsWhen = (count: number) => eventually({ look: pairs, holds: (found) => found.length === count });
  const outcomes = async (app: FastifyInstance) =>
    Object.fromEntries<number>(
      [...(await app.inject('/metrics')).body.matchAll(/mirrored_total\{[^}]*outcome="(\w+)"\} (\d+)/g)].map(
        ([, outcome, count]) => [outcome!, Number(count)],
      ),
    );
  const outcomesWhen = (app: FastifyInstance, expected: Record<string, number>) =>
    eventually({
      look: () => outcomes(app),
      holds: (seen) => Object.entries(expected).every(([name, count]) => seen[name] === count),
    });
  const challengerAsked = () => world.upstream.received.filter((one) => one.model === 'm-r2');

  it('asks the challenger the same with its own prompt, and writes both answers without personal data', async () => {
    await world.store.put({ key: 'releases/m-r2/prompt.json', body: Buffer.from('{"system":"Be new."}') });
    const { revision } = await world.writePlan({ mirrorShare: 1 });
    const app = await world.gateway();
    world.upstream.script({ model: 'm-r2', answer: 'Write to ann@example.org or help@example.com.' });
    const query = 'I am ann@example.org. Where is it?';
    const answer = (await ask(app, { body: { query, user: 'ann' } })).json<{ id: string; release: string }>();
    expect(answer.release).to.equal('m-r1');
    const [pair] = await pairsWhen(1);
    expect(pair).to.deep.include({ id: answer.id, model, revision });
    expect(pair!.request).to.deep.equal({
      query: 'I am [EMAIL_1]. Where is it?',
      messages: [{ role: 'user', content: 'I am [EMAIL_1]. Where is it?' }],
    });
    expect(pair!.champion).to.include({
      release: 'm-r1',
      answer: 'm-r1: I am [EMAIL_1]. Where is it?',
      promptTokens: 7,
      completionTokens: 3,
    });
    expect(pair!.champion.latencyMs).to.be.a('number');
    expect(pair!.challenger).to.include({ release: 'm-r2', answer: 'Write to [EMAIL_1] or [EMAIL_2].' });
    expect(challengerAsked()[0]!.body.messages).to.deep.equal([
      { role: 'system', content: 'Be new.' },
      { role: 'user', content: query },
    ]);
  });

  it('counts nothing at the challenger, which answers no user', async () => {
    await world.writePlan({ mirrorShare: 1 });
    const app = await world.gateway();
    await ask(app);
    await pairsWhen(1);
    await app.close();
    const source = new StoreTelemetry({ store: world.store, onCorrupt: ({ reason }) => expect.fail(reason) });
    const [counted] = (await source.read({ model, fromRevision: 1 })).snapshots;
    expect([counted!.arms.champion.requests, counted!.arms.challenger.requests]).to.deep.equal([1, 0]);
  });

  it('samples by the hash of the answer id', async () => {
    await world.writePlan({ mirrorShare: 0.5 });
    // Sixty answers at once may take a busy machine longer than one does.
    const patient = { upstreamTimeoutMilliseconds: 5000, requestTimeoutMilliseconds: 9000 };
    const app = await world.gateway({ settings: patient });
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(app)));
    const ids = answers.map((response) => response.json<{ id: string }>().id);
    const sampled = ids.filter((id) => isMirrored({ id, share: 0.5 }));
    expect(sampled.length).to.be.within(10, 50);
    expect((await pairsWhen(sampled.length)).map(({ id }) => id)).to.have.members(sampled);
  });

  it('mirrors conversations and streams, but nothing with tools and nothing but text', async () => {
    await world.writePlan({ mirrorShare: 1 });
    const app = await world.gateway();
    const messages = [
      { role: 'system', content: 'Mine.' },
      { role: 'user', content: 'one two' },
    ];
    const tools = [{ type: 'function', function: { name: 'refund' } }];
    await ask(app, { url: chat, body: { messages, temperature: 1 } });
    await ask(app, { url: chat, body: { messages, stream: true, stream_options: { include_usage: true } } });
    await ask(app, { url: chat, body: { messages, tools } });
    await ask(app, { url: chat, body: { messages: [...messages, { role: 'tool', content: 'done' }] } });
    await ask(app, { url: chat, body: { messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }] }] } });
    await outcomesWhen(app, { answered: 2, tools: 2, notText: 1 });
    const found = await pairsWhen(2);
    expect(found.map(({ request }) => request)).to.deep.equal([
      { query: 'one two', messages },
      { query: 'one two', messages },
    ]);
    const latencies = found.map(({ champion }) => typeof champion.latencyMs);
    expect(latencies.sort(), 'the caller sets the speed of a stream').to.deep.equal(['number', 'object']);
    const bodies = challengerAsked().map(({ body }) => body);
    expect(bodies).to.have.length(2);
    expect(bodies.every((body) => body.stream === undefined && body.stream_options === undefined)).to.equal(true);
    expect(bodies.some(({ temperature }) => temperature === 1)).to.equal(true);
  });

  const failures: { name: string; script: object; kind: string }[] = [
    { name: 'fails', script: { status: 500 }, kind: 'status' },
    { name: 'hangs', script: { hangs: true }, kind: 'timeout' },
    { name: 'says nothing', script: { answer: '' }, kind: 'unusable' },
    { name: 'refuses what the champion took', script: { status: 400 }, kind: 'refused' },
  ];
  for (const { name, script, kind } of failures)
    it(`writes down that the challenger ${name}, and no user notices`, async () => {
      await world.writePlan({ mirrorShare: 1 });
      const app = await world.gateway();
      world.upstream.script({ model: 'm-r2', ...script });
      expect((await ask(app)).json()).to.include({ release: 'm-r1' });
      const [pair] = await pairsWhen(1);
      expect((pair!.challenger as { error: { kind: string } }).error.kind).to.equal(kind);
      await outcomesWhen(app, { failed: 1 });
    });

  it('drops and counts what does not fit its queue, while every user is answered', async () => {
    await world.writePlan({ mirrorShare: 1 });
    const app = await world.gateway({
      settings: { mirrorConcurrency: 1, mirrorQueue: 2, upstreamTimeoutMilliseconds: 60_000 },
    });
    world.upstream.script({ model: 'm-r2', hangs: true });
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(app)));
    expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(new Array(10).fill(200));
    await outcomesWhen(app, { dropped: 7 });
    await eventually({ look: () => challengerAsked().length, holds: (asked) => asked === 1 });
  });

  it('asks nobody once the lease has lapsed, also for what waits', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    const lease = { until: '2026-11-21T12:10:00Z', fallback: world.target('m-r1') };
    await world.writePlan({ mirrorShare: 1, lease });
    const app = await world.gateway({ clock: () => now, settings: { mirrorConcurrency: 1 } });
    world.upstream.script({ model: 'm-r2', delayMilliseconds: 200 });
    await Promise.all([ask(app), ask(app)]);
    await eventually({ look: () => challengerAsked().length, holds: (asked) => asked === 1 });
    now = Date.parse('2026-11-21T12:10:00Z');
    await outcomesWhen(app, { answered: 1, ended: 1 });
    await ask(app);
    expect(challengerAsked()).to.have.length(1);
  });

  it('mirrors nothing of testers, and nothing that the challenger itself answered', async () => {
    await world.writePlan({ mirrorShare: 1, challengerShare: 1 });
    const app = await world.gateway();
    await ask(app, { body: { query: 'q', user: 'ann' } });
    await ask(app, { key: 'tester', headers: { 'x-understudy-arm': 'champion' } });
    await app.close();
    expect(await pairs()).to.deep.equal([]);
    expect(challengerAsked()).to.have.length(1);
  });
});
