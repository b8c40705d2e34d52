import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { ask, eventually, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

/** What is tested here is never how fast the machine is. */
const patient = { upstreamTimeoutMilliseconds: 20_000, requestTimeoutMilliseconds: 40_000 };
const chat = '/v1/chat/completions';
/** Far more than the buffers of a connection hold; the endpoint would go on. */
const longAnswer = Array.from({ length: 40 }, () => 'x'.repeat(500_000)).join(' ');
const streamed = { messages: [{ role: 'user', content: 'at length' }], stream: true };

const request = ({ url, body, method = 'POST' }: { url: string; body: object; method?: string }): string => {
  const text = JSON.stringify(body);
  return [
    `${method} ${url} HTTP/1.1`,
    'host: g',
    'x-api-key: app',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
};

describe('gateway: hostile connections', () => {
  let world: GatewayWorld;
  let app: FastifyInstance;
  let port: number;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.writePlan();
    app = await world.gateway({ settings: { ...patient, receiveTimeoutMilliseconds: 300 } });
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    sockets.splice(0).forEach((socket) => socket.destroy());
    await world.close();
  });

  const open = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' });
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const inFlight = async () => /requests_in_flight (\d+)/.exec((await app.inject('/metrics')).body)?.[1];
  const noPlaceIsTaken = () => eventually({ look: inFlight, holds: (count) => count === '0' });

  it('cuts off a caller that asks for a stream and takes nothing of it', async () => {
    world.upstream.script({ model: 'm-r1', answer: longAnswer, stallsAfterChunks: 30 });
    const socket = await open();
    socket.pause();
    socket.write(request({ url: chat, body: streamed }));
    await eventually({ look: inFlight, holds: (count) => count === '1' });
    await noPlaceIsTaken();
    await eventually({ look: () => world.upstream.hungUp(), holds: (hungUp) => hungUp === 1 });
  });

  it('cuts off a caller that leaves the end of a stream', async () => {
    // Its connection takes nothing more, as where the buffers of both sides are full.
    app.server.on('connection', (socket) => Object.assign(socket, { _write: () => undefined, _writev: undefined }));
    const socket = await open();
    const closed = once(socket, 'close');
    socket.resume();
    socket.write(request({ url: chat, body: streamed }));
    await eventually({ look: inFlight, holds: (count) => count === '1' });
    await closed;
    await noPlaceIsTaken();
  });

  it('lets a caller take its time that does take something', async () => {
    world.upstream.script({ model: 'm-r1', answer: longAnswer.slice(0, 3_000_000) });
    const socket = await open();
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received = `${received}${chunk.toString('latin1')}`.slice(-100);
      socket.pause();
      setTimeout(() => socket.resume(), 5);
    });
    socket.write(request({ url: chat, body: streamed }));
    await eventually({ look: () => received, holds: (text) => text.includes('[DONE]'), milliseconds: 20_000 });
  }).timeout(30_000);

  it('frees the places of all requests that wait on a connection when it is gone', async () => {
    world.upstream.script({
      model: 'm-r1',
      each: ({ stream }) => (stream ? { answer: longAnswer, stallsAfterChunks: 30 } : { hangs: true }),
    });
    const socket = await open();
    const waiting = [1, 2, 3].map(() => request({ url: chat, body: streamed }));
    socket.write([request({ url: '/query', body: { query: 'hang' } }), ...waiting].join(''));
    await eventually({ look: inFlight, holds: (count) => count === '4' });
    socket.resetAndDestroy();
    await noPlaceIsTaken();
    await eventually({ look: () => world.upstream.hungUp(), holds: (hungUp) => hungUp === 4 });
    await app.close();
  });

  it('answers requests that come at once on a connection in their order', async () => {
    const socket = await open();
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.write(['one', 'two', 'three'].map((query) => request({ url: '/query', body: { query } })).join(''));
    await eventually({ look: () => received, holds: (text) => text.includes('m-r1: three') });
    const answers = [...received.matchAll(/"answer":"m-r1: (\w+)"/g)].map(([, answer]) => answer);
    expect(answers).to.deep.equal(['one', 'two', 'three']);
  });

  const unreadable: { name: string; sent: string; status: number; error: RegExp }[] = [
    { name: 'what is no HTTP', sent: 'hello\r\n\r\n', status: 400, error: /no request of HTTP/ },
    {
      name: 'headers without end',
      sent: `POST /query HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      status: 431,
      error: /headers are larger/,
    },
    { name: 'half a request', sent: 'POST /query HTTP/1.1\r\nhost: g\r\n', status: 408, error: /did not come in time/ },
    {
      name: 'an address that is none',
      sent: request({ url: '/models/%E0%A4%A/query', body: {} }),
      status: 400,
      error: /not a valid url component/,
    },
  ];
  for (const { name, sent, status, error } of unreadable)
    it(`answers ${name} with ${status} in the same form as all else`, async () => {
      const socket = await open();
      let received = '';
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.write(sent);
      await eventually({ look: () => received, holds: (text) => text.includes('}') });
      expect(received).to.match(new RegExp(`^HTTP/1\\.1 ${status} `));
      const body = JSON.parse(received.slice(received.indexOf('\r\n\r\n'))) as { error: string };
      expect(Object.keys(body)).to.deep.equal(['error']);
      expect(body.error).to.match(error);
    });

  it('answers methods that no route has with those that it has, and none without a key', async () => {
    for (const method of ['OPTIONS', 'HEAD', 'PUT', 'TRACE'] as const) {
      const { statusCode, headers } = await app.inject({ method: method as 'PUT', url: '/query' });
      expect(statusCode, method).to.equal(405);
      expect(headers.allow, method).to.equal('POST');
    }
    expect((await app.inject({ method: 'HEAD', url: '/items/a/summary' })).statusCode).to.equal(403);
    expect(world.upstream.received).to.deep.equal([]);
  });

  it('counts a stream without end, or with a line without end, as broken', async () => {
    const event = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
    for (const rawBody of [event('x'.repeat(500_000)).repeat(80), `data: ${'x'.repeat(2_000_000)}`]) {
      world.upstream.script({ model: 'm-r1', rawBody });
      const { body } = await ask(app, { url: chat, body: streamed });
      expect(body.slice(-200)).to.match(/the stream broke; try again/);
    }
    await noPlaceIsTaken();
  });

  const names: { name: string; family: string }[] = [
    { name: 'a way out of the store', family: '../../keys' },
    { name: 'the folder above', family: '..' },
    { name: 'a zero byte', family: 'a%00b' },
    { name: "the store's own folder", family: '.tmp' },
    { name: 'another place in the store', family: 'a/../b' },
  ];
  for (const { name, family } of names)
    it(`finds no summary in a family that is ${name}`, async () => {
      const { statusCode, body } = await app.inject({
        url: `/items/a/summary?family=${family}`,
        headers: { 'x-api-key': 'app' },
      });
      expect(statusCode, body).to.equal(404);
    });
});
