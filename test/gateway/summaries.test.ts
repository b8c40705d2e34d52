import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { PortError } from '../../src/activities/ports.js';
import type { ResultCache } from '../../src/activities/result-cache-port.js';
import { StoreResultCache } from '../../src/adapters/store-result-cache/store-result-cache.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { bucketCount, bucketOf } from '../../src/domain/rollout/buckets.js';
import { summaryVersion, type StoredSummary } from '../../src/domain/summaries/stored-summary.js';
import { buildGateway } from '../../src/gateway/app.js';
import { summaryOf } from '../contract/result-cache-contract.js';
import { ask, eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';
import { readSegments } from './support/read-segments.js';

const family = 'review-summaries';
const stored = (change: Partial<StoredSummary> = {}): StoredSummary =>
  summaryOf({ model, family, release: 'm-r1', milliseconds: 100, expiresAt: '2999-01-01T00:00:00.000Z', ...change });

describe('gateway: summaries of items', () => {
  let world: GatewayWorld;
  let app: FastifyInstance;
  let cache: StoreResultCache;
  beforeEach(async () => {
    world = await openGatewayWorld();
    cache = new StoreResultCache({ store: world.store });
    await world.writeServing({ slowMilliseconds: 450, family });
    await world.writePlan();
    app = await world.gateway();
    await cache.put({ summary: stored() });
  });
  afterEach(() => world.close());

  const get = (item = 'p1', headers: Record<string, string> = {}, query = '') =>
    app.inject({
      method: 'GET',
      url: `/items/${encodeURIComponent(item)}/summary${query}`,
      headers: { 'x-api-key': 'app', ...headers },
    });
  const say = (body: unknown, { item = 'p1', key = 'reader', on = app, query = '' } = {}) =>
    ask(on, { url: `/items/${encodeURIComponent(item)}/summary/feedback${query}`, key, body });
  const armsOf = async (revision: number) =>
    (
      await new StoreTelemetry({ store: world.store, onCorrupt: ({ reason }) => expect.fail(reason) }).read({
        model,
        fromRevision: revision,
      })
    ).snapshots.find((one) => one.revision === revision)?.arms;

  it('gives the text with its sources, its label and who made it', async () => {
    const response = await get();
    expect(response.statusCode, response.body).to.equal(200);
    expect(response.json()).to.deep.include({
      ...{ item: 'p1', family, model, release: 'm-r1', label: 'AI-generated', summary: 'Quiet.', pros: ['quiet'] },
      ...{ version: summaryVersion(stored()), reviews: { all: 3, shown: 1 } },
    });
    expect(response.json<StoredSummary>().sources[0]).to.deep.include({
      review: 'r1',
      snippet: 'tyst',
      language: 'sv',
    });
    expect(response.headers).to.include({ 'x-model-id': model, 'x-release-id': 'm-r1' });
  });

  it('answers 304 to who has the text already, and 200 once it has changed', async () => {
    const { etag } = (await get()).headers;
    for (const known of [String(etag), `W/${String(etag)}`, `"other", ${String(etag)}`, '*']) {
      const response = await get('p1', { 'if-none-match': known });
      expect({ status: response.statusCode, body: response.body }).to.deep.equal({ status: 304, body: '' });
    }
    await cache.put({ summary: stored({ run: '2026-01-02T00:00:00.000Z', expiresAt: '2999-02-01T00:00:00.000Z' }) });
    const other = await world.gateway({ settings: { gatewayId: 'g2' } });
    const again = await other.inject({ url: '/items/p1/summary', headers: { 'x-api-key': 'app' } });
    expect(again.headers.etag, 'a summary that was only confirmed').to.equal(etag);
    await cache.put({ summary: stored({ run: '2026-01-03T00:00:00.000Z', summary: 'Loud.' }) });
    await eventually({
      look: async () => (await get('p1', { 'if-none-match': String(etag) })).statusCode,
      holds: (status) => status === 200,
      milliseconds: 10_000,
    });
  });

  it('finds the family by the API key, or by its name', async () => {
    expect((await get('p1', { 'x-api-key': 'modelless' })).statusCode).to.equal(400);
    expect((await get('p1', { 'x-api-key': 'modelless' }, `?family=${family}`)).statusCode).to.equal(200);
    expect((await get('p1', {}, '?family=others')).statusCode).to.equal(404);
  });

  it('refuses strangers, unknown items and other methods', async () => {
    expect((await get('p1', { 'x-api-key': 'nobody' })).statusCode).to.equal(403);
    expect((await get('p1', { 'x-api-key': 'reader' })).statusCode).to.equal(403);
    expect((await get('p2')).json())
      .to.have.property('error')
      .that.contains('has no summary');
    expect((await app.inject({ method: 'DELETE', url: '/items/p1/summary' })).statusCode).to.equal(405);
  });

  it('is not led astray by any id', async () => {
    const hostile = ['../../traffic/x', '..', 'p1\u0000', '💥', '__proto__', ' ', '%00', 'a/b', "' OR 1=1", '\r\nx: y'];
    for (const item of hostile) expect((await get(item)).statusCode, JSON.stringify(item)).to.equal(404);
    expect((await get('x'.repeat(513))).statusCode).to.equal(400);
    expect((await app.inject({ url: '/items/%/summary', headers: { 'x-api-key': 'app' } })).statusCode).to.equal(400);
    expect((await app.inject({ url: '/items//summary', headers: { 'x-api-key': 'app' } })).statusCode).to.be.within(
      400,
      404,
    );
    for (const body of [{}, { version: 1, helpful: true }, { version: 'v', helpful: 'yes' }, '{', '[]', 'null'])
      expect((await say(body)).statusCode, JSON.stringify(body)).to.equal(400);
    expect((await say({ version: 'v', helpful: true, comment: 'x'.repeat(70_000) })).statusCode).to.equal(413);
    await cache.put({ summary: stored({ item: 'odd', release: 'm-r1\r\nset-cookie: a=b' }) });
    const odd = await get('odd');
    expect(odd.statusCode).to.equal(200);
    expect(odd.headers).to.not.have.property('set-cookie');
  });

  it('serves nothing that has expired, and goes on with what it knows while the cache is away', async () => {
    let away = false;
    const results: ResultCache = {
      put: (input) => cache.put(input),
      remove: (input) => cache.remove(input),
      get: (input) => (away ? Promise.reject(new PortError('Unavailable', 'the cache is away')) : cache.get(input)),
    };
    let now = Date.parse('2026-06-01T00:00:00.000Z');
    const known = stored({ item: 'known', expiresAt: '2026-06-01T01:00:00.000Z' });
    await cache.put({ summary: known });
    const gateway = buildGateway({
      ...{ settings: world.settings(), store: world.store, clock: () => now },
      results: {
        ...results,
        get: async (input) => (await results.get(input)) ?? (input.item === 'known' ? known : null),
      },
    });
    try {
      await gateway.ready();
      const status = async (item: string) =>
        (await gateway.inject({ url: `/items/${item}/summary`, headers: { 'x-api-key': 'app' } })).statusCode;
      expect(await status('known')).to.equal(200);
      away = true;
      now += 60_000;
      expect(await status('known')).to.equal(200);
      expect(await status('p1')).to.equal(503);
      now += 3_600_000;
      expect(await status('known')).to.equal(404);
    } finally {
      await gateway.close();
    }
  });

  it('counts who looked and what they thought at the arm of the item', async () => {
    const share = 0.5;
    const { revision, salt } = await world.writePlan({ challengerShare: share });
    await eventually({
      look: async () => (await app.inject('/readyz')).json<{ plans: { revision: number }[] }>().plans[0]!.revision,
      holds: (seen) => seen === revision,
    });
    const isChallengers = (item: string) => bucketOf({ salt, key: item }) < share * bucketCount;
    const items = Array.from({ length: 40 }, (_, index) => `item-${index}`);
    const his = items.find(isChallengers)!;
    const failed = items.filter(isChallengers)[1]!;
    const hers = items.find((item) => !isChallengers(item))!;
    const old = items.filter(isChallengers)[2]!;
    await cache.put({ summary: stored({ item: his, release: 'm-r2', milliseconds: 900 }) });
    await cache.put({ summary: stored({ item: failed, failedRelease: 'm-r2' }) });
    await cache.put({ summary: stored({ item: hers }) });
    await cache.put({ summary: stored({ item: old }) });
    for (const item of [his, his, failed, hers, old]) expect((await get(item)).statusCode).to.equal(200);
    const version = async (item: string) => (await get(item)).json<{ version: string }>().version;
    const rate = async (item: string, helpful: boolean, user: string) =>
      (await say({ version: await version(item), helpful, user }, { item })).json<{ counted: boolean }>().counted;
    expect(await rate(his, false, 'ann')).to.equal(true);
    expect(await rate(his, false, 'ann')).to.equal(false);
    expect(await rate(his, true, 'bob')).to.equal(true);
    expect(await rate(hers, true, 'ann')).to.equal(true);
    expect(await rate(old, true, 'ann'), 'made by a release that has the item no more').to.equal(false);
    const arms = await eventually({
      look: () => armsOf(revision),
      holds: (seen) =>
        seen?.champion.events['thumbsUp'] !== undefined && seen.challenger.events['thumbsUp'] !== undefined,
    });
    expect(arms!.challenger.events['thumbsDown']?.count).to.equal(1);
    expect(arms!.challenger.events['thumbsUp']?.count).to.equal(1);
    expect(arms!.challenger.events['error']?.count).to.equal(1);
    expect(arms!.challenger.events['slow']!.count).to.be.at.least(2);
    expect(arms!.champion.events).to.have.all.keys('thumbsUp');
    expect(arms!.challenger.requests, 'twice his, once the failed one, and once for each version').to.equal(6);
    expect(arms!.champion.requests).to.equal(2);
  });

  it('takes no word on a text that the reader has not seen', async () => {
    const { version } = (await get()).json<{ version: string }>();
    await cache.put({ summary: stored({ run: '2026-01-03T00:00:00.000Z', summary: 'Loud.' }) });
    const other = await world.gateway({ settings: { gatewayId: 'g2' } });
    const refused = await say({ version, helpful: true }, { on: other });
    expect(refused.statusCode).to.equal(409);
    expect(refused.json()).to.have.property('error').that.contains('another summary by now');
    expect((await say({ version, helpful: true }, { item: 'p2' })).statusCode).to.equal(404);
    expect((await say({ version, helpful: true }, { key: 'expired' })).statusCode).to.equal(403);
  });

  it('keeps what people wrote, without their personal data', async () => {
    const { version } = (await get()).json<{ version: string }>();
    await say({ version, helpful: false, user: 'ann', comment: 'Wrong, write to ann@example.com' });
    const lines = await eventually({
      look: async () =>
        (
          await readSegments<{ id: string; comment: string; event: string; user: string }>({
            ...{ store: world.store, prefix: `requests/${model}/` },
          })
        ).rows,
      holds: (read) => read.length > 0,
    });
    expect(lines[0]).to.include({
      kind: 'summaryFeedback',
      id: version,
      event: 'thumbsDown',
      item: 'p1',
      release: 'm-r1',
    });
    expect(lines[0]!.user).to.have.length(22).and.not.contain('ann');
    expect(lines[0]!.comment)
      .to.match(/^Wrong, write to \[?\w+/)
      .and.not.contain('ann@example.com');
  });

  it('stands in the OpenAPI document with every answer', async () => {
    const { paths } = (await app.inject('/openapi.json')).json<{
      paths: Record<string, Record<string, { responses: object; security: object[] }>>;
    }>();
    const { get: read } = paths['/items/{item}/summary']!;
    const { post } = paths['/items/{item}/summary/feedback']!;
    expect(Object.keys(read!.responses)).to.include.members(['200', '304', '400', '403', '404', '429', '503']);
    expect(Object.keys(post!.responses)).to.include.members(['200', '400', '403', '404', '409', '413', '429']);
    expect(read!.security).to.deep.equal([{ apiKey: [] }]);
  });

  it('reads a summary that nobody can read as none', async () => {
    const key = storeKeys.summary({ family, item: 'broken' });
    await world.store.compareAndSet({ key, body: Buffer.from('{"item":'), expected: null });
    expect((await get('broken')).statusCode).to.equal(404);
  });
});
