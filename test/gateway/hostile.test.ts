import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { ask, eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

const body = JSON.stringify({ query: 'Where is it?', user: 'ann' });
/** What is tested here is never how fast the machine is. */
const patient = { upstreamTimeoutMilliseconds: 20_000, requestTimeoutMilliseconds: 40_000 };
const head = (length: number | string) =>
  `POST /query HTTP/1.1\r\nhost: g\r\nx-api-key: app\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n`;

describe('gateway: hostile callers', () => {
  let world: GatewayWorld;
  let app: FastifyInstance;
  let port: number;
  const sockets: Socket[] = [];
  before(async () => {
    world = await openGatewayWorld();
    await world.writePlan();
    app = await world.gateway({ settings: { ...patient, receiveTimeoutMilliseconds: 300 } });
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
  after(() => world.close());

  /** A connection on which a caller can misbehave, and everything that comes back on it. */
  const open = async () => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return { socket, received: () => received, closed: once(socket, 'close') };
  };
  const inFlight = async () => /requests_in_flight (\d+)/.exec((await app.inject('/metrics')).body)?.[1];

  it('cuts off those who send drop by drop, and serves everybody else meanwhile', async () => {
    const slow = await Promise.all(Array.from({ length: 50 }, open));
    const drips = slow.map(({ socket }, n) => {
      socket.write(n % 2 === 0 ? 'POST /query HTTP/1.1\r\n' : `${head(body.length)}\r\n{`);
      return setInterval(() => socket.write(n % 2 === 0 ? `x-${Date.now()}: y\r\n` : ' '), 50);
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(app)));
    expect(answers.every(({ statusCode }) => statusCode === 200)).to.equal(true);
    await Promise.all(slow.map(({ closed, socket }) => (socket.once('end', () => socket.end()), closed)));
    drips.forEach(clearInterval);
    for (const { received } of slow) expect(received()).to.match(/^HTTP\/1\.1 408 /);
    expect(await inFlight()).to.equal('0');
  });

  it('takes a caller that closes its side after the request for one that hung up', async () => {
    const { socket, closed } = await open();
    socket.end(`${head(body.length)}\r\n${body}`);
    await closed;
    await eventually({ look: inFlight, holds: (count) => count === '0' });
    expect((await app.inject('/metrics')).body).not.to.match(/event="error"/);
  });

  it('forgets a caller that closes its side in the middle of the request', async () => {
    const before = world.upstream.received.length;
    const { socket, received } = await open();
    socket.end(`${head(body.length)}\r\n{"que`);
    await eventually({ look: received, holds: (text) => text === '' || text.includes('400') });
    await eventually({ look: inFlight, holds: (count) => count === '0' });
    expect(world.upstream.received).to.have.length(before);
    expect((await ask(app)).statusCode).to.equal(200);
  });

  it('lets no caller that vanishes keep a place', async () => {
    world.upstream.script({ model: 'm-r1', delayMilliseconds: 100 });
    const before = world.upstream.received.length;
    const vanishing = await Promise.all(Array.from({ length: 10 }, open));
    for (const { socket } of vanishing) socket.write(`${head(body.length)}\r\n${body}`);
    await eventually({ look: () => world.upstream.received.length, holds: (received) => received === before + 10 });
    for (const { socket } of vanishing) socket.resetAndDestroy();
    await eventually({ look: inFlight, holds: (count) => count === '0' });
    world.upstream.script({ model: 'm-r1' });
    expect((await ask(app)).statusCode).to.equal(200);
  });

  const malformed: { name: string; sent: string; status: number }[] = [
    { name: 'no HTTP at all', sent: '\u0016\u0003\u0001\u0000\r\n\r\n', status: 400 },
    { name: 'a length that is no number', sent: `${head('many')}\r\n`, status: 400 },
    { name: 'a body longer than its limit says', sent: `${head(70_000)}\r\n`, status: 413 },
    {
      name: 'two lengths, as in smuggled requests',
      sent: `${head(5)}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      status: 400,
    },
    { name: 'headers without end', sent: `POST /query HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, status: 431 },
    {
      name: 'chunks over the limit',
      sent: `${head(0).replace(/content-length.*\r\n/, '')}transfer-encoding: chunked\r\n\r\n11170\r\n${'a'.repeat(70_000)}\r\n0\r\n\r\n`,
      status: 413,
    },
  ];
  for (const { name, sent, status } of malformed)
    it(`answers ${name} with ${status}`, async () => {
      const { socket, received } = await open();
      socket.write(sent);
      await eventually({ look: received, holds: (text) => text.startsWith(`HTTP/1.1 ${status} `) });
    });

  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const nasty: { name: string; url: string; body: string; status: number }[] = [
    { name: 'a body of nothing but brackets', url: '/query', body: deep, status: 400 },
    {
      name: 'filters as deep as a body can be',
      url: '/query',
      body: `{"query":"q","filters":{"a":${deep}}}`,
      status: 200,
    },
    {
      name: 'a message as deep as a body can be',
      url: '/v1/chat/completions',
      body: `{"messages":[{"role":"user","content":[{"type":"text","x":${deep}}]}]}`,
      status: 400,
    },
    { name: 'a prototype', url: '/query', body: '{"query":"q","__proto__":{"user":1}}', status: 400 },
    { name: 'a query of half a character', url: '/query', body: '{"query":"\\ud800"}', status: 200 },
    { name: 'a user with a zero byte', url: '/query', body: '{"query":"q","user":"a\\u0000b"}', status: 200 },
    {
      name: 'an id of thousands of dots',
      url: '/feedback',
      body: `{"id":"${'.'.repeat(500)}","rating":"up"}`,
      status: 404,
    },
    {
      name: 'an id that carries a deep list',
      url: '/feedback',
      body: `{"id":"${Buffer.from('[[[[[').toString('base64url')}.x","rating":"up"}`,
      status: 404,
    },
  ];
  for (const { name, url, body: sent, status } of nasty)
    it(`answers ${name} with ${status}, and goes on`, async () => {
      const response = await ask(app, { url, body: sent });
      expect(response.statusCode, response.body.slice(0, 300)).to.equal(status);
      expect((await ask(app)).statusCode).to.equal(200);
    });

  it('counts a flood of one user as one user', async () => {
    const floods = Array.from({ length: 200 }, () => ask(app, { body: { query: 'q', user: 'flood' } }));
    for (const response of await Promise.all(floods)) expect(response.statusCode).to.equal(200);
    const alone = await world.gateway({ settings: { ...patient, gatewayId: 'alone' } });
    for (let n = 0; n < 50; n += 1) await ask(alone, { body: { query: `q ${n}`, user: 'flood' } });
    await alone.close();
    const source = new StoreTelemetry({ store: world.store, onCorrupt: ({ reason }) => expect.fail(reason) });
    const { snapshots } = await source.read({ model, fromRevision: 1 });
    const { arms, breaker } = snapshots.find(({ gateway }) => gateway === 'alone')!;
    expect(arms.champion.requests).to.equal(50);
    expect(RoaringBucketSet.fromBase64(arms.champion.exposed).values()).to.have.length(1);
    const keys = breaker.map(({ arms: { champion } }) => RoaringBucketSet.fromBase64(champion.keys).values().length);
    expect(new Set(keys)).to.deep.equal(new Set([1]));
  });

  it('reads no reply of an endpoint without end', async () => {
    world.upstream.script({ model: 'm-r1', rawBody: 'x'.repeat(9_000_000) });
    expect((await ask(app)).statusCode).to.equal(503);
    world.upstream.script({ model: 'm-r1' });
    expect((await ask(app)).statusCode).to.equal(200);
  });

  it('keeps answering while its clock jumps back and forth', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    const skewed = await world.gateway({ clock: () => now, settings: { ...patient, gatewayId: 'skewed' } });
    for (const jump of [0, -86_400_000, 3 * 86_400_000, -1, -2 * 86_400_000]) {
      now += jump;
      const response = await ask(skewed, { key: 'standard' });
      expect(response.statusCode, response.body).to.equal(200);
    }
    expect((await skewed.inject('/readyz')).statusCode).to.equal(200);
  });
});
