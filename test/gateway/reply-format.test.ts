import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { promptSchema } from '../../src/domain/release/prompt.js';
import { replyFormatOf } from '../../src/domain/summaries/reply-format.js';
import { ask, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

const prompt = promptSchema.parse({ reply: 'summary' });
const query = 'Reviews, to be summed up in en:\n[1] 5/5: Sturdy.\n[2] 1/5: The cord is short.';
const messages = [{ role: 'user', content: query }];
const wanted = { type: 'json_schema', json_schema: { ...replyFormatOf({ prompt, query }), strict: true } };

describe('gateway: a release whose prompt asks for summaries', () => {
  let world: GatewayWorld;
  let app: FastifyInstance;
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.store.put({ key: 'releases/m-r1/prompt.json', body: Buffer.from(JSON.stringify(prompt)) });
    await world.writePlan({ challengerShare: 0 });
    app = await world.gateway();
  });
  afterEach(() => world.close());

  const formats = (): unknown[] => world.upstream.received.map(({ body }) => body['response_format'] ?? null);
  const chat = (body: Record<string, unknown>) => ask(app, { url: '/v1/chat/completions', body: { model, ...body } });
  const refuseFormats = (): void =>
    world.upstream.script({ model: 'm-r1', each: (body) => ('response_format' in body ? { status: 400 } : {}) });

  it('is asked as the evaluation and the batch ask it', async () => {
    expect((await ask(app, { url: '/query', body: { query } })).statusCode).to.equal(200);
    expect((await chat({ messages })).statusCode).to.equal(200);
    expect((await chat({ messages, stream: true })).statusCode).to.equal(200);
    expect((await ask(app, { url: '/query', body: { query: 'What do you sell?' } })).statusCode).to.equal(200);
    expect(formats()).to.deep.equal([wanted, wanted, wanted, null]);
  });

  it("leaves the caller's own format and tools alone", async () => {
    const own = { type: 'json_object' };
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
    await chat({ messages, response_format: own });
    await chat({ messages, tools });
    expect(formats()).to.deep.equal([own, null]);
    refuseFormats();
    expect((await chat({ messages, response_format: own })).statusCode).to.equal(400);
    expect(formats()).to.deep.equal([own, null, own]);
  });

  it('is asked without it where its endpoint refuses it, which is counted and no error of the release', async () => {
    refuseFormats();
    expect((await ask(app, { url: '/query', body: { query } })).statusCode).to.equal(200);
    expect((await chat({ messages })).statusCode).to.equal(200);
    expect((await chat({ messages, stream: true })).statusCode).to.equal(200);
    expect(formats()).to.deep.equal([wanted, null, null, null]);
    const { body } = await app.inject('/metrics');
    expect(body).to.match(/understudy_gateway_unformatted_total\{release="m-r1"\} 3/);
    expect(body).to.not.match(/understudy_gateway_events_total\{[^}]*event="error"/);
  });
});
