import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { bucketOf } from '../../src/domain/rollout/buckets.js';
import type { LogLine } from '../../src/gateway/request-log.js';
import { ask, eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';
import { readSegments } from './support/read-segments.js';

describe('gateway: POST /feedback and /outcome', () => {
  let world: GatewayWorld;
  let app: FastifyInstance;
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.writePlan({ challengerShare: 1 });
    app = await world.gateway();
  });
  afterEach(() => world.close());

  const idOf = async (user: string, session?: string) =>
    (await ask(app, { body: { query: 'q', user, session } })).json<{ id: string }>().id;
  const say = async (url: string, body: object, on = app) => {
    const response = await ask(on, { url, body, key: url === '/feedback' ? 'reader' : 'app' });
    expect(response.statusCode, response.body).to.equal(200);
    return response.json<{ counted: boolean }>().counted;
  };
  const read = async () =>
    (
      await new StoreTelemetry({ store: world.store, onCorrupt: ({ reason }) => expect.fail(reason) }).read({
        model,
        fromRevision: 1,
      })
    ).snapshots;
  const eventOf = (event: string, gateway = 'g1') =>
    eventually({
      look: async () => (await read()).find((one) => one.revision === 1 && one.gateway === gateway)?.arms,
      holds: (arms) => arms?.challenger.events[event] !== undefined,
    }).then((arms) => ({
      champion: arms!.champion.events[event]?.count ?? 0,
      challenger: arms!.challenger.events[event]!.count,
      buckets: RoaringBucketSet.fromBase64(arms!.challenger.events[event]!.buckets).values(),
    }));

  it('counts thumbs at the arm, revision and bucket of the answer, also after the plan has moved on', async () => {
    const id = await idOf('ann');
    const { revision } = await world.writePlan({ challenger: null, challengerShare: 0 });
    await eventually({
      look: async () => (await app.inject('/readyz')).json<{ plans: { revision: number }[] }>().plans[0]!.revision,
      holds: (seen) => seen === revision,
    });
    expect(await say('/feedback', { id, rating: 'down', comment: 'wrong' })).to.equal(true);
    expect(await eventOf('thumbsDown')).to.deep.equal({
      champion: 0,
      challenger: 1,
      buckets: [bucketOf({ salt: 'a salt of the model', key: 'ann' })],
    });
  });

  it('shows what was said beside the requests, for dashboards and absolute limits', async () => {
    const id = await idOf('ann');
    await say('/feedback', { id, rating: 'down' });
    await say('/feedback', { id, rating: 'down' });
    const shown = (await app.inject('/metrics')).body.split('\n').filter((line) => line.includes('thumbsDown'));
    expect(shown).to.have.length(1);
    expect(shown[0]).to.match(/^understudy_gateway_events_total\{.*\} 1$/);
    for (const label of ['release="m-r2"', 'revision="1"', 'arm="challenger"']) expect(shown[0]).to.include(label);
  });

  it('counts so many kinds of outcomes and no more, and those that are documented whatever came before', async () => {
    const id = await idOf('ann');
    const counted: boolean[] = [];
    for (let kind = 0; kind < 66; kind += 1) counted.push(await say('/outcome', { id, kind: `kind${kind}` }));
    expect(counted.slice(0, 64)).to.not.include(false);
    expect(counted.slice(64)).to.deep.equal([false, false]);
    expect(await say('/outcome', { id, kind: 'conversion' })).to.equal(true);
    expect(await say('/outcome', { id: await idOf('bob'), kind: 'kind0' })).to.equal(true);
  });

  it('takes no outcome for what it counts by itself', async () => {
    const id = await idOf('ann');
    for (const kind of ['error', 'slowStart', 'blocked', 'degraded', 'thumbsDown']) {
      const response = await ask(app, { url: '/outcome', body: { id, kind }, key: 'app' });
      expect(response.statusCode, kind).to.equal(400);
    }
  });

  it('counts a repeated statement once', async () => {
    const id = await idOf('ann');
    expect(await say('/feedback', { id, rating: 'down' })).to.equal(true);
    expect(await say('/feedback', { id, rating: 'down' })).to.equal(false);
    expect(await say('/feedback', { id, rating: 'up' })).to.equal(false);
    expect((await eventOf('thumbsDown')).challenger).to.equal(1);
  });

  it("keeps a rescued answer's feedback with the arm of its key", async () => {
    world.upstream.script({ model: 'm-r2', status: 500 });
    const id = await idOf('ann');
    await say('/feedback', { id, rating: 'down' });
    expect(await eventOf('thumbsDown')).to.include({ champion: 0, challenger: 1 });
  });

  it('takes feedback on an answer of another gateway', async () => {
    const other = await world.gateway({ settings: { gatewayId: 'g2' } });
    const id = await idOf('ann');
    expect(await say('/feedback', { id, rating: 'down' }, other)).to.equal(true);
    expect((await eventOf('thumbsDown', 'g2')).challenger).to.equal(1);
  });

  it('counts outcomes of an own kind by id or by session', async () => {
    const id = await idOf('ann', 'session 1');
    expect(await say('/outcome', { id, kind: 'conversion', value: 12.5 })).to.equal(true);
    expect(await say('/outcome', { id, kind: 'conversion' })).to.equal(false);
    expect(await say('/outcome', { id, kind: 'return' })).to.equal(true);
    const at = '2026-11-21T12:00:00Z';
    expect(await say('/outcome', { session: 'session 1', kind: 'conversion', at })).to.equal(true);
    expect(await say('/outcome', { session: 'session 1', kind: 'conversion', at })).to.equal(false);
    const seen = await eventually({ look: () => eventOf('conversion'), holds: ({ challenger }) => challenger === 2 });
    expect(seen.buckets).to.have.length(1);
    expect((await eventOf('return')).challenger).to.equal(1);
  });

  it("does not count a tester's answers", async () => {
    const headers = { 'x-understudy-arm': 'challenger' };
    const { id } = (await ask(app, { key: 'tester', headers })).json<{ id: string }>();
    expect(await say('/feedback', { id, rating: 'down' })).to.equal(false);
  });

  const refused: { name: string; url: string; body: object; status: number; error: RegExp; key?: string }[] = [
    { name: 'an unknown id', url: '/feedback', body: { id: 'x.y', rating: 'up' }, status: 404, error: /not known/ },
    { name: 'no id', url: '/feedback', body: { rating: 'up' }, status: 400, error: /^id: expected string/ },
    { name: 'an unknown rating', url: '/feedback', body: { id: 'x', rating: 'fine' }, status: 400, error: /^rating: / },
    { name: 'an unknown session', url: '/outcome', body: { session: 'x', kind: 'a' }, status: 404, error: /not known/ },
    { name: 'neither id nor session', url: '/outcome', body: { kind: 'a' }, status: 400, error: /^id: .*or a session/ },
    {
      name: "one of the gateway's own events",
      url: '/outcome',
      body: { id: 'x', kind: 'error' },
      status: 400,
      error: /^kind: /,
    },
    { name: 'a kind that is no name', url: '/outcome', body: { id: 'x', kind: 'a b' }, status: 400, error: /^kind: / },
    {
      name: 'a value that is no number',
      url: '/outcome',
      body: { id: 'x', kind: 'a', value: '1' },
      status: 400,
      error: /^value: /,
    },
  ];
  for (const { name, url, body, status, error } of refused)
    it(`refuses ${name} on ${url} with ${status}`, async () => {
      const response = await ask(app, { url, body });
      expect(response.statusCode, response.body).to.equal(status);
      expect(response.json<{ error: string }>().error).to.match(error);
    });

  it('logs answers, feedback and outcomes as lines that join by id', async () => {
    const id = await idOf('ann', 's');
    await say('/feedback', { id, rating: 'up', comment: 'good' });
    await say('/outcome', { id, kind: 'conversion', value: 3 });
    const { keys, rows: lines } = await eventually({
      look: () => readSegments<LogLine>({ store: world.store, prefix: `requests/${model}/` }),
      holds: ({ rows }) => rows.length === 3,
    });
    for (const key of keys)
      expect(key).to.match(/^requests\/support-assistant\/\d{4}-\d\d-\d\d\/\d\d\/g1-\d+\.jsonl\.zst$/);
    expect(lines[0]).to.deep.include({
      kind: 'answer',
      id,
      model,
      release: 'm-r2',
      revision: 1,
      arm: 'challenger',
      keyId: 'app',
      query: 'q',
      answer: 'm-r2: q',
      promptTokens: 7,
      completionTokens: 3,
      status: 200,
    });
    expect(lines[1]).to.deep.include({ kind: 'feedback', id, event: 'thumbsUp', comment: 'good', keyId: 'reader' });
    expect(lines[2]).to.deep.include({ kind: 'outcome', id, event: 'conversion', value: 3 });
  });
});
