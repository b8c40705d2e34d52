import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import type { DetectedLanguage } from '../../src/domain/dataset/language-detection.js';
import { buildGatewayParts } from '../../src/gateway/app.js';
import { systemClock } from '../../src/gateway/clock.js';
import { ask, eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

const english: DetectedLanguage = { language: 'en', confidence: 1 };
const german: DetectedLanguage = { language: 'de', confidence: 1 };
const chat = { url: '/v1/chat/completions', body: { messages: [{ role: 'user', content: 'Where is it?' }] } };

/** Languages that are told when the test says so. */
class HeldLanguages {
  private readonly waiting: { tell: (told: DetectedLanguage) => void; fail: (error: Error) => void }[] = [];

  get asked(): number {
    return this.waiting.length;
  }

  detect = (): Promise<DetectedLanguage> =>
    new Promise((tell, fail) => {
      this.waiting.push({ tell, fail });
    });

  tellAll(told: DetectedLanguage): void {
    for (const { tell } of this.waiting.splice(0)) tell(told);
  }

  failAll(): void {
    for (const { fail } of this.waiting.splice(0)) fail(new Error('the thread of languages ended'));
  }
}

describe('gateway: admission while guardrails look at questions', () => {
  let world: GatewayWorld;
  let app: FastifyInstance;
  let languages: HeldLanguages;
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.writePlan();
    await world.writeServing({ slowMilliseconds: 10_000, guardrails: { input: { languages: ['en'] } } });
    const settings = world.settings({ maxConcurrency: 2 });
    const parts = buildGatewayParts({ settings, store: world.store, clock: systemClock });
    languages = new HeldLanguages();
    Object.assign(parts.context.languages, { start: () => Promise.resolve(), detect: languages.detect });
    app = parts.app;
    await app.ready();
  });
  afterEach(async () => {
    languages.failAll();
    await app.close();
    await world.close();
  });

  const inFlight = async () => /requests_in_flight (\d+)/.exec((await app.inject('/metrics')).body)?.[1];
  const noPlaceIsTaken = () => eventually({ look: inFlight, holds: (count) => count === '0' });
  /** As many as have a place, all of them held by the guardrail. */
  const fill = async () => {
    const held = [ask(app), ask(app, chat)];
    await eventually({ look: () => languages.asked, holds: (asked) => asked === 2 });
    return held;
  };

  it('turns a flood away before the guardrails look at more than the limit', async () => {
    const held = await fill();
    expect(await inFlight()).to.equal('2');
    const flood = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? ask(app) : ask(app, chat))));
    expect(flood.map(({ statusCode }) => statusCode)).to.deep.equal(flood.map(() => 503));
    expect(flood[0]!.headers['retry-after']).to.equal('1');
    expect(languages.asked).to.equal(2);
    languages.tellAll(english);
    expect((await Promise.all(held)).map(({ statusCode }) => statusCode)).to.deep.equal([200, 200]);
    await noPlaceIsTaken();
  });

  it('gives the places of refused questions back', async () => {
    const held = await fill();
    languages.tellAll(german);
    expect((await Promise.all(held)).map(({ statusCode }) => statusCode)).to.deep.equal([400, 400]);
    await noPlaceIsTaken();
  });

  it('gives the places back where the guardrails could not look', async () => {
    const held = await fill();
    languages.failAll();
    expect((await Promise.all(held)).map(({ statusCode }) => statusCode)).to.deep.equal([503, 503]);
    await noPlaceIsTaken();
  });

  it('keeps the place of a caller that hung up until its question is done with', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' });
    const body = JSON.stringify({ query: 'Where is it?' });
    const headers = `host: g\r\nx-api-key: app\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    socket.write(`POST /models/${model}/query HTTP/1.1\r\n${headers}\r\n\r\n${body}`);
    await eventually({ look: () => languages.asked, holds: (asked) => asked === 1 });
    socket.destroy();
    await once(socket, 'close');
    await eventually({
      look: () =>
        new Promise<number>((resolve, reject) =>
          app.server.getConnections((error, n) => (error ? reject(error) : resolve(n))),
        ),
      holds: (connections) => connections === 0,
    });
    expect(await inFlight(), 'its text is still in memory').to.equal('1');
    languages.tellAll(english);
    await noPlaceIsTaken();
    expect(world.upstream.received, 'nobody is there to be answered').to.deep.equal([]);
  });
});
