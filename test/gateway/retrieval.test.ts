import { join } from 'node:path';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import type { ChunkReader, VectorStore } from '../../src/activities/vector-store-port.js';
import { EmbeddedChunks } from '../../src/adapters/embedded-chunks/embedded-chunks.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { retrievalSpecSchema } from '../../src/domain/spec/retrieval-spec.js';
import { buildGateway } from '../../src/gateway/app.js';
import { systemClock } from '../../src/gateway/clock.js';
import { letterEmbedder } from '../activities/support/letter-embedder.js';
import { point } from '../contract/vector-store-contract.js';
import { ask, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

const facts = {
  'policies/times.md': 'The next-day cutoff is 14:00.',
  'policies/prices.md': 'Saturday delivery costs 5 pounds extra.',
};

describe('gateway: answers from what an index holds', function () {
  this.timeout(20_000);
  let world: GatewayWorld;
  let chunks: EmbeddedChunks;
  const open: FastifyInstance[] = [];
  const letters = letterEmbedder();
  const index = async (collection: string, texts: Record<string, string>): Promise<void> => {
    const { id: embedder, dimension } = await letters.open();
    await chunks.createCollection({ collection, embedder, dimension, fields: { language: 'keyword' } });
    for (const [document, text] of Object.entries(texts)) {
      const [vector] = await (await letters.open()).embed({ texts: [text] });
      const points = [point({ document, text, vector: vector!, fields: { language: 'en' } })];
      await chunks.upsert({ collection, points });
    }
  };
  const release = async (releaseId: string, retrieval: object = {}): Promise<void> => {
    const settings = { index: 'policies', fields: { language: 'keyword' }, latencyBudget: '5s', topK: 1, ...retrieval };
    const body = Buffer.from(JSON.stringify(retrievalSpecSchema.parse(settings)));
    await world.store.put({ key: storeKeys.retrieval({ releaseId }), body });
    await world.store.put({
      key: storeKeys.prompt({ releaseId }),
      body: Buffer.from(JSON.stringify({ template: '{context}\n\nQuestion: {query}' })),
    });
  };
  const served = (releaseId: string, indexVersion = 'policies-1') => ({ ...world.target(releaseId), indexVersion });
  const gateway = async (over: VectorStore | ChunkReader = chunks): Promise<FastifyInstance> => {
    const app = buildGateway({
      ...{ settings: world.settings(), store: world.store, clock: systemClock },
      retrieval: { chunks: over as VectorStore, openEmbedder: letters.open },
    });
    open.push(app);
    await app.ready();
    return app;
  };
  beforeEach(async () => {
    world = await openGatewayWorld();
    chunks = new EmbeddedChunks({ root: join(world.folder, 'indexes') });
    await index('policies-1', facts);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((app) => app.close()));
    chunks.close();
    await world.close();
  });

  interface Answer {
    answer: string;
    sources: number;
    citations: { document: string; snippet: string; score: number; sentence: string }[];
    unsupported?: string[];
    degraded?: boolean;
    release: string;
  }
  const answered = async (app: FastifyInstance, body: object): Promise<Answer> => {
    const response = await ask(app, { body });
    expect(response.statusCode, response.body).to.equal(200);
    return response.json<Answer>();
  };

  it('puts what it finds into the prompt, counts the sources and cites them', async () => {
    await release('m-r1');
    await world.writePlan({ champion: served('m-r1') });
    const answer = await answered(await gateway(), { query: 'When is the next-day cutoff?' });
    const { body } = world.upstream.received.at(-1)!;
    expect((body as { messages: { content: string }[] }).messages[0]!.content).to.equal(
      '[1] The next-day cutoff is 14:00.\n\nQuestion: When is the next-day cutoff?',
    );
    expect(answer.sources).to.equal(1);
    expect(answer.citations[0]).to.deep.include({ document: 'policies/times.md', snippet: facts['policies/times.md'] });
    expect(answer).to.not.have.property('degraded');
  });

  it('takes index, settings and prompt of the release that answers', async () => {
    await index('policies-2', { 'policies/times.md': 'The next-day cutoff is 15:30.' });
    await release('m-r1');
    await release('m-r2', { topK: 2 });
    await world.writePlan({
      champion: served('m-r1'),
      challenger: served('m-r2', 'policies-2'),
      challengerShare: 1,
    });
    const app = await gateway();
    const answer = await answered(app, { query: 'When is the next-day cutoff?', user: 'ann' });
    expect(answer.release).to.equal('m-r2');
    expect(answer.answer).to.contain('15:30');
    world.upstream.script({ model: 'm-r2', status: 500 });
    const rescued = await answered(app, { query: 'When is the next-day cutoff?', user: 'ann' });
    expect(rescued.release).to.equal('m-r1');
    expect(rescued.answer).to.contain('14:00');
  });

  it('limits by typed filters, and refuses those that do not fit', async () => {
    await release('m-r1');
    await world.writePlan({ champion: served('m-r1') });
    const app = await gateway();
    const query = 'When is the next-day cutoff?';
    expect((await answered(app, { query, filters: { language: 'en' } })).sources).to.equal(1);
    expect((await answered(app, { query, filters: { language: 'de' } })).sources).to.equal(0);
    const refused = await ask(app, { body: { query, filters: { colour: 'red', language: 3 } } });
    expect(refused.statusCode).to.equal(400);
    expect(refused.json<{ error: string }>().error).to.contain('filters.colour: no such field');
  });

  it('answers without the model where nothing is found and the spec says so', async () => {
    await release('m-r1', { otherwise: 'That is not in the information given.', minimumScore: 0.99 });
    await world.writePlan({ champion: served('m-r1') });
    const before = world.upstream.received.length;
    const answer = await answered(await gateway(), { query: 'zzzz?' });
    expect(answer).to.deep.include({ answer: 'That is not in the information given.', sources: 0, citations: [] });
    expect(world.upstream.received.length).to.equal(before);
  });

  it('answers without facts and says so while the store is away, drops the collection or is too slow', async () => {
    await release('m-r1', { latencyBudget: '50ms' });
    await world.writePlan({ champion: served('m-r1') });
    const away = (how: () => Promise<never>): ChunkReader =>
      new Proxy(chunks, {
        get: (target, name: keyof EmbeddedChunks) => (name === 'nearest' ? how : target[name].bind(target)),
      });
    const app = await gateway(away(() => Promise.reject(new Error('away'))));
    const first = await answered(app, { query: 'When is the cutoff?' });
    expect(first).to.deep.include({ sources: 0, citations: [], degraded: true });
    expect(first.answer).to.contain('Question: When is the cutoff?');
    const metrics = await app.inject({ url: '/metrics' });
    expect(metrics.body).to.match(/understudy_gateway_retrievals_total\{.*outcome="degraded"\} 1/);
    expect(metrics.body).to.match(/understudy_gateway_events_total\{.*event="degraded"\} 1/);
    const slow = await gateway(away(() => new Promise<never>(() => undefined)));
    expect((await answered(slow, { query: 'When is the cutoff?' })).degraded).to.equal(true);
    await chunks.dropCollection({ collection: 'policies-1' });
    expect((await answered(await gateway(), { query: 'When is the cutoff?' })).degraded).to.equal(true);
  });
});
