import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import OpenAI from 'openai';
import { ask, model } from './support/gateway-world.js';
import { openGroundedWorld, type GroundedWorld } from './support/grounded-world.js';

interface Retrieval {
  sources: number;
  citations: { document: string; sentence: string }[];
  degraded?: boolean;
}
const question = 'When is the next-day cutoff?';

describe('gateway: /v1/chat/completions from what an index holds', function () {
  this.timeout(20_000);
  let world: GroundedWorld;
  beforeEach(async () => {
    world = await openGroundedWorld();
  });
  afterEach(() => world.close());

  const chat = (app: FastifyInstance, body: object) =>
    ask(app, {
      url: '/v1/chat/completions',
      body: { model, messages: [{ role: 'user', content: question }], ...body },
    });
  const served = async (retrieval: object = {}): Promise<FastifyInstance> => {
    await world.release('m-r1', retrieval);
    await world.writePlan({ champion: world.served('m-r1') });
    world.upstream.script({ model: 'm-r1', answer: 'The next-day cutoff is 14:00.' });
    return await world.grounded();
  };

  it('puts the facts of the last question into it, and says in the answer what it rests on', async () => {
    const app = await served();
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: question },
    ];
    const response = await chat(app, { messages });
    expect(response.statusCode, response.body).to.equal(200);
    expect(world.upstream.received.at(-1)!.body.messages.map(({ content }) => content)).to.deep.equal([
      'Hello',
      'Hi',
      `[1] The next-day cutoff is 14:00.\n\nQuestion: ${question}`,
    ]);
    const { retrieval } = response.json<{ retrieval: Retrieval }>();
    expect(retrieval.sources).to.equal(1);
    expect(retrieval.citations[0]).to.include({ document: 'policies/times.md' });
    expect(response.headers).to.include({ 'x-sources': '1' }).and.to.not.have.property('x-degraded');
  });

  it('keeps pictures of a question beside its facts', async () => {
    const app = await served();
    const picture = { type: 'image_url', image_url: { url: 'https://example.org/a.png' } };
    const content = [{ type: 'text', text: question }, picture];
    expect((await chat(app, { messages: [{ role: 'user', content }] })).statusCode).to.equal(200);
    expect(world.upstream.received.at(-1)!.body.messages[0]!.content).to.deep.equal([
      { type: 'text', text: `[1] The next-day cutoff is 14:00.\n\nQuestion: ${question}` },
      picture,
    ]);
  });

  it("streams to OpenAI's own client, sources in the last chunk and in a header", async () => {
    const app = await served();
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'app', maxRetries: 0 });
    const { data: stream, response } = await client.chat.completions
      .create({ model, messages: [{ role: 'user', content: question }], stream: true })
      .withResponse();
    let text = '';
    let retrieval: Retrieval | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      retrieval ??= (chunk as unknown as { retrieval?: Retrieval }).retrieval;
    }
    expect(text).to.equal('The next-day cutoff is 14:00.');
    expect(retrieval!.citations.map(({ sentence }) => sentence)).to.deep.equal(['The next-day cutoff is 14:00.']);
    expect(response.headers.get('x-sources')).to.equal('1');
    const raw = await chat(app, { stream: true });
    expect(raw.body.match(/data: \[DONE\]/g)).to.have.length(1);
    expect(raw.body.trimEnd().endsWith('data: [DONE]')).to.equal(true);
  });

  it('answers in the place of the model where nothing is found, whole and streamed', async () => {
    const otherwise = 'That is not in the information given.';
    const app = await served({ otherwise, minimumScore: 0.99 });
    const before = world.upstream.received.length;
    const whole = (await chat(app, {})).json<{ choices: { message: { content: string } }[]; retrieval: Retrieval }>();
    expect(whole.choices[0]!.message.content).to.equal(otherwise);
    expect(whole.retrieval).to.deep.equal({ sources: 0, citations: [], unsupported: [] });
    const streamed = await chat(app, { stream: true });
    expect(streamed.body).to.contain(otherwise).and.to.contain('data: [DONE]');
    expect(streamed.headers['x-sources']).to.equal('0');
    expect(world.upstream.received.length).to.equal(before);
  });

  it('takes filters, which no release is asked with, and refuses those that do not fit', async () => {
    const app = await served();
    const none = await chat(app, { filters: { language: 'de' } });
    expect(none.json<{ retrieval: Retrieval }>().retrieval.sources).to.equal(0);
    expect(world.upstream.received.at(-1)!.body).to.not.have.property('filters');
    const refused = await chat(app, { filters: { colour: 'red' } });
    expect([refused.statusCode, refused.body]).to.deep.equal([
      400,
      '{"error":"filters.colour: no such field; the index has language"}',
    ]);
  });

  it('answers without facts and says so while the index is away', async () => {
    const app = await served();
    await world.chunks.dropCollection({ collection: 'policies-1' });
    const response = await chat(app, {});
    expect(response.headers).to.include({ 'x-sources': '0', 'x-degraded': 'true' });
    expect(response.json<{ retrieval: Retrieval }>().retrieval).to.include({ sources: 0, degraded: true });
    const metrics = await app.inject({ url: '/metrics' });
    expect(metrics.body).to.match(/understudy_gateway_events_total\{.*event="degraded"\} 1/);
  });

  it('says nothing of retrieval for a release that retrieves nothing, and is documented', async () => {
    await world.writePlan({});
    const app = await world.grounded();
    const response = await chat(app, {});
    expect(response.json()).to.not.have.property('retrieval');
    expect(response.headers).to.not.have.property('x-sources');
    const document = (await app.inject('/openapi.json')).body;
    expect(document).to.contain('what the answer rests on, where the release retrieves');
  });
});
