import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { readLambdaSettings } from '../../src/config/lambda-settings.js';
import { SettingsError } from '../../src/config/read-environment.js';
import type { HttpApiEvent } from '../../src/lambda/api-gateway.js';
import type { ShadowPair } from '../../src/contracts/shadow-pair.js';
import { FragileStore } from '../gateway/support/fragile-store.js';
import { ask, model, openGatewayWorld, type GatewayWorld } from '../gateway/support/gateway-world.js';
import { readSegments } from '../gateway/support/read-segments.js';
import { describeQueries } from '../gateway/query-contract.js';
import { behindHttpApi, eventOf, openFunction } from './lambda-function.js';

describeQueries({ name: 'Lambda', open: async (input) => behindHttpApi(await openFunction(input)) });

describe('a function of Lambda', () => {
  let world: GatewayWorld;
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.writePlan();
  });
  afterEach(() => world.close());

  /** The counters in the store, as the guards read them; nothing that still waits in memory. */
  const stored = async () => {
    const telemetry = new StoreTelemetry({ store: world.store, onCorrupt: () => undefined });
    return (await telemetry.read({ model, fromRevision: 1 })).snapshots;
  };
  const question = (user: string): HttpApiEvent =>
    eventOf({
      method: 'POST',
      url: `/models/${model}/query`,
      headers: { 'x-api-key': 'app', 'content-type': 'application/json' },
      payload: JSON.stringify({ query: 'Where is it?', user }),
    });

  it('takes an event as an HTTP API sends it: a stage, cookies, a body in base64', async () => {
    const handler = await openFunction({ world });
    const event = JSON.parse(await readFile(new URL('./events/query.json', import.meta.url), 'utf8')) as HttpApiEvent;
    const response = await handler(event, { awsRequestId: 'a' });
    expect(response.statusCode, response.body).to.equal(200);
    expect(JSON.parse(response.body)).to.include({ query: 'Wo ist das Päckchen?', model, release: 'm-r1' });
    expect(response.headers).to.include({ 'x-release-id': 'm-r1' });
    expect(response.isBase64Encoded).to.equal(false);
    const caught = await handler({ ...event, version: '1.0' }, {}).catch((error: Error) => error.message);
    expect(caught).to.match(/payload format version 1\.0: expected 2\.0/);
  });

  it('has written what it counted and logged when the answer goes out', async () => {
    const handler = await openFunction({ world });
    for (const user of ['ann', 'bob', 'cem']) await handler(question(user), {});
    const [snapshot, ...others] = await stored();
    expect(others).to.deep.equal([]);
    expect(snapshot).to.include({ gateway: 'g1', suspended: true });
    expect(snapshot!.arms.champion.requests).to.equal(3);
    expect(RoaringBucketSet.fromBase64(snapshot!.arms.champion.exposed).size).to.equal(3);
    const { rows } = await readSegments<{ user: string }>({ store: world.store, prefix: `requests/${model}/` });
    expect(rows).to.have.length(3);
  });

  it('writes what the store did not take with the next request', async () => {
    const store = new FragileStore(world.store);
    const handler = await openFunction({ world, store });
    await handler(question('ann'), {});
    store.away = true;
    expect((await handler(question('bob'), {})).statusCode).to.equal(200);
    store.away = false;
    expect((await stored())[0]!.arms.champion.requests).to.equal(1);
    await handler(question('cem'), {});
    expect((await stored())[0]!.arms.champion.requests).to.equal(3);
  });

  it('goes by the plan that stands when the request comes, however long it stood still', async () => {
    let now = Date.now();
    const handler = await openFunction({ world, clock: () => now });
    expect((await handler(question('ann'), {})).headers['x-release-id']).to.equal('m-r1');
    await world.writePlan({ champion: world.target('m-r2'), challenger: null, lease: null });
    now += 10;
    expect((await handler(question('ann'), {})).headers['x-release-id'], 'within a poll').to.equal('m-r1');
    now += 60_000;
    expect((await handler(question('ann'), {})).headers['x-release-id']).to.equal('m-r2');
  });

  it('keeps a lease by itself while it stands still', async () => {
    let now = Date.now();
    const store = new FragileStore(world.store);
    await world.writePlan({ challengerShare: 1 });
    const handler = await openFunction({ world, store, clock: () => now });
    expect((await handler(question('ann'), {})).headers['x-release-id']).to.equal('m-r2');
    store.away = true;
    now += 2 * 3_600_000;
    expect((await handler(question('ann'), {})).headers['x-release-id']).to.equal('m-r1');
  });

  it("has asked the challenger and stored the pair when the champion's answer goes out", async () => {
    await world.writePlan({ mirrorShare: 1 });
    world.upstream.script({ model: 'm-r2', delayMilliseconds: 100 });
    const handler = await openFunction({ world });
    await handler(question('ann'), {});
    const { rows } = await readSegments<ShadowPair>({ store: world.store, prefix: 'shadow/m-r2/' });
    expect(rows.map(({ challenger }) => challenger.release)).to.deep.equal(['m-r2']);
  });

  it('keeps the limits of API keys together with the functions beside it', async () => {
    let now = Date.now();
    const open = async (gatewayId: string) =>
      behindHttpApi(await openFunction({ world, settings: { gatewayId }, clock: () => now }));
    const one = await open('lambda-1');
    const other = await open('lambda-2');
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      now += 1000;
      statuses.push((await ask(count % 2 === 0 ? one : other, { key: 'thrifty' })).statusCode);
    }
    now += 1000;
    statuses.push((await ask(one, { key: 'thrifty' })).statusCode);
    expect(statuses.filter((status) => status === 200).length).to.be.within(3, 4);
    expect(statuses.at(-1)).to.equal(429);
  });

  it('streams nothing: a stream comes as one answer', async () => {
    const app = behindHttpApi(await openFunction({ world }));
    const body = { messages: [{ role: 'user', content: 'Where is it?' }], stream: true };
    const response = await ask(app, { url: '/v1/chat/completions', body });
    expect(response.statusCode).to.equal(200);
    expect(response.body).to.include('[DONE]');
  });
});

describe('settings of a function of Lambda', () => {
  const environment = {
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/22/[$LATEST]0a1b2c',
    UNDERSTUDY_STORE: 's3://bucket/prefix',
  };

  it('sets what the place decides', () => {
    expect(readLambdaSettings({ environment })).to.include({
      gatewayId: 'lambda-2026-11-22-LATEST-0a1b2c',
      keysFile: '/var/task/keys.json',
      requestTimeoutMilliseconds: 27_000,
      upstreamTimeoutMilliseconds: 13_000,
      store: 's3://bucket/prefix',
    });
    const own = { ...environment, GATEWAY_KEYS_FILE: '/opt/keys.json', GATEWAY_ID: 'mine' };
    expect(readLambdaSettings({ environment: own })).to.include({ keysFile: '/opt/keys.json', gatewayId: 'mine' });
  });

  it('refuses a place where nothing is kept, and answers that API Gateway would not wait for', () => {
    const local = { ...environment, UNDERSTUDY_STORE: '/tmp/store' };
    expect(() => readLambdaSettings({ environment: local })).to.throw(SettingsError, /s3:\/\/bucket/);
    expect(() => readLambdaSettings({ environment: {} })).to.throw(
      SettingsError,
      /LOG_STREAM_NAME[\s\S]*s3:\/\/bucket/,
    );
    const late = { ...environment, GATEWAY_REQUEST_TIMEOUT: '40000' };
    expect(() => readLambdaSettings({ environment: late })).to.throw(SettingsError, /at most 27000/);
  });
});
