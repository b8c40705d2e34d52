import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import type { ChunkReader } from '../../src/activities/vector-store-port.js';
import { overridden } from '../support/overridden.js';
import { eventually, ask } from './support/gateway-world.js';
import { facts, openGroundedWorld, type GroundedWorld } from './support/grounded-world.js';

describe('gateway: answers from what an index holds', function () {
  this.timeout(20_000);
  let world: GroundedWorld;
  beforeEach(async () => {
    world = await openGroundedWorld();
  });
  afterEach(() => world.close());

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
    await world.release('m-r1');
    await world.writePlan({ champion: world.served('m-r1') });
    const answer = await answered(await world.grounded(), { query: 'When is the next-day cutoff?' });
    const { body } = world.upstream.received.at(-1)!;
    expect((body as { messages: { content: string }[] }).messages[0]!.content).to.equal(
      '[1] The next-day cutoff is 14:00.\n\nQuestion: When is the next-day cutoff?',
    );
    expect(answer.sources).to.equal(1);
    expect(answer.citations[0]).to.deep.include({ document: 'policies/times.md', snippet: facts['policies/times.md'] });
    expect(answer).to.not.have.property('degraded');
  });

  it('takes index, settings and prompt of the release that answers', async () => {
    await world.index('policies-2', { 'policies/times.md': 'The next-day cutoff is 15:30.' });
    await world.release('m-r1');
    await world.release('m-r2', { topK: 2 });
    await world.writePlan({
      champion: world.served('m-r1'),
      challenger: world.served('m-r2', 'policies-2'),
      challengerShare: 1,
    });
    const app = await world.grounded();
    const answer = await answered(app, { query: 'When is the next-day cutoff?', user: 'ann' });
    expect(answer.release).to.equal('m-r2');
    expect(answer.answer).to.contain('15:30');
    world.upstream.script({ model: 'm-r2', status: 500 });
    const rescued = await answered(app, { query: 'When is the next-day cutoff?', user: 'ann' });
    expect(rescued.release).to.equal('m-r1');
    expect(rescued.answer).to.contain('14:00');
  });

  it('limits by typed filters, and refuses those that do not fit', async () => {
    await world.release('m-r1');
    await world.writePlan({ champion: world.served('m-r1') });
    const app = await world.grounded();
    const query = 'When is the next-day cutoff?';
    expect((await answered(app, { query, filters: { language: 'en' } })).sources).to.equal(1);
    expect((await answered(app, { query, filters: { language: 'de' } })).sources).to.equal(0);
    const refused = await ask(app, { body: { query, filters: { colour: 'red', language: 3 } } });
    expect(refused.statusCode).to.equal(400);
    expect(refused.json<{ error: string }>().error).to.contain('filters.colour: no such field');
  });

  it('answers without the model where nothing is found and the spec says so', async () => {
    await world.release('m-r1', { otherwise: 'That is not in the information given.', minimumScore: 0.99 });
    await world.writePlan({ champion: world.served('m-r1') });
    const before = world.upstream.received.length;
    const answer = await answered(await world.grounded(), { query: 'zzzz?' });
    expect(answer).to.deep.include({ answer: 'That is not in the information given.', sources: 0, citations: [] });
    expect(world.upstream.received.length).to.equal(before);
  });

  it('answers without facts and says so while the store is away, drops the collection or is too slow', async () => {
    await world.release('m-r1', { latencyBudget: '50ms' });
    await world.writePlan({ champion: world.served('m-r1') });
    const away = (how: () => Promise<never>): ChunkReader => overridden(world.chunks, { nearest: how });
    const app = await world.grounded(away(() => Promise.reject(new Error('away'))));
    const first = await answered(app, { query: 'When is the cutoff?' });
    expect(first).to.deep.include({ sources: 0, citations: [], degraded: true });
    expect(first.answer).to.contain('Question: When is the cutoff?');
    const metrics = await app.inject({ url: '/metrics' });
    expect(metrics.body).to.match(/understudy_gateway_retrievals_total\{.*outcome="degraded"\} 1/);
    expect(metrics.body).to.match(/understudy_gateway_events_total\{.*event="degraded"\} 1/);
    const slow = await world.grounded(away(() => new Promise<never>(() => undefined)));
    expect((await answered(slow, { query: 'When is the cutoff?' })).degraded).to.equal(true);
    await world.chunks.dropCollection({ collection: 'policies-1' });
    expect((await answered(await world.grounded(), { query: 'When is the cutoff?' })).degraded).to.equal(true);
  });

  it('is back by itself when the store is, and nothing of the time before sticks', async () => {
    await world.release('m-r1');
    await world.writePlan({ champion: world.served('m-r1') });
    let away = true;
    const flaky = overridden(world.chunks, {
      describe: (asked) => (away ? Promise.reject(new Error('away')) : world.chunks.describe(asked)),
    });
    const app = await world.grounded(flaky);
    expect(await answered(app, { query: 'When is the cutoff?' })).to.include({ sources: 0, degraded: true });
    away = false;
    const answer = await answered(app, { query: 'When is the cutoff?' });
    expect(answer.sources).to.equal(1);
    expect(answer).to.not.have.property('degraded');
  });

  it('refuses an index of another embedder before it is asked, and says so in the log alone', async () => {
    await world.chunks.createCollection({
      ...{ collection: 'other-1', embedder: 'other@2', dimension: 26, fields: { language: 'keyword' } },
    });
    await world.release('m-r1');
    await world.writePlan({ champion: world.served('m-r1', 'other-1') });
    const answer = await answered(await world.grounded(), { query: 'When is the cutoff?' });
    expect(answer).to.include({ sources: 0, degraded: true });
    expect(answer.answer).to.not.contain('other@2');
  });

  describe('with helpers', () => {
    const fitting = { 'a.md': 'The cutoff is 14:00.', 'b.md': 'Cutoff of couriers: see the table.' };

    it('finds by other wordings too, which the model of the spec writes', async () => {
      await world.index('policies-2', { ...facts, 'claims.md': 'Damaged parcels are claimed within a week.' });
      await world.release('m-r1', { mode: 'keyword', rewrites: 1, helper: 'rewriter' });
      await world.writePlan({ champion: world.served('m-r1', 'policies-2') });
      world.upstream.script({ model: 'rewriter', answer: '1. damaged parcels' });
      const answer = await answered(await world.grounded(), { query: 'My box is broken!' });
      expect(answer.answer).to.contain('claimed within a week');
      const asked = world.upstream.received.find(({ model }) => model === 'rewriter')!;
      expect(asked.body.messages[0]!.content).to.contain('My box is broken!');
    });

    it('ranks by a judge, and by a cross-encoder', async () => {
      await world.index('policies-2', fitting);
      await world.release('m-r1', { rerank: 'judge', helper: 'judge', nearDuplicates: null });
      await world.writePlan({ champion: world.served('m-r1', 'policies-2') });
      const judged = (text: string) => (text.includes('see the table') ? '9' : '2');
      world.upstream.script({ model: 'judge', each: ({ messages }) => ({ answer: judged(messages[0]!.content) }) });
      const app = await world.grounded();
      expect((await answered(app, { query: 'When is the cutoff?' })).answer).to.contain('see the table');
      await world.release('m-r3', {
        rerank: 'crossEncoder',
        crossEncoder: { endpoint: world.upstream.endpoint, model: 'cross' },
      });
      const results = [
        { index: 0, relevance_score: -3.2 },
        { index: 1, relevance_score: 4.1 },
      ];
      world.upstream.script({ model: 'cross', rawBody: JSON.stringify({ results }) });
      const { revision } = await world.writePlan({ champion: world.served('m-r3', 'policies-2') });
      await eventually({
        look: async () => (await app.inject('/readyz')).json<{ plans: { revision: number }[] }>().plans[0]!.revision,
        holds: (seen) => seen === revision,
      });
      await answered(app, { query: 'When is the cutoff?' });
      const { documents } = world.upstream.received.find(({ model }) => model === 'cross')!.body as unknown as {
        documents: string[];
      };
      expect(documents).to.have.members(Object.values(fitting));
      const shown = world.upstream.received.at(-1)!.body.messages[0]!.content;
      expect(shown).to.contain(documents[1]!).and.to.not.contain(documents[0]!);
    });

    it('does without them once their time is over or they fail, with sources, and says so', async () => {
      await world.release('m-r1', { rewrites: 2, rerank: 'judge', helper: 'slow', latencyBudget: '300ms' });
      await world.writePlan({ champion: world.served('m-r1') });
      world.upstream.script({ model: 'slow', hangs: true });
      const app = await world.grounded();
      const first = await answered(app, { query: 'When is the next-day cutoff?' });
      expect(first).to.include({ sources: 1, degraded: true });
      expect(first.citations[0]!.document).to.equal('policies/times.md');
      world.upstream.script({ model: 'slow', status: 500 });
      expect(await answered(app, { query: 'When is the next-day cutoff?' })).to.include({ sources: 1, degraded: true });
    });

    it('filters by what the question names', async () => {
      await world.index('policies-2', { 'de.md': 'The cutoff is 12:00.' }, { language: 'german' });
      await world.index('policies-2', { 'en.md': 'The cutoff is 14:00.' }, { language: 'english' });
      await world.release('m-r1', { selfQuery: true, topK: 5, nearDuplicates: null });
      await world.writePlan({ champion: world.served('m-r1', 'policies-2') });
      const app = await world.grounded();
      expect((await answered(app, { query: 'When is the German cutoff?' })).sources).to.equal(1);
      expect((await answered(app, { query: 'When is the cutoff?' })).sources).to.equal(2);
    });
  });

  it('holds answers that were given by heart against what it finds, and shows the model nothing', async () => {
    await world.release('m-r1', { grounding: 'citations' }, { template: '{query}' });
    await world.writePlan({ champion: world.served('m-r1') });
    const said = 'The next-day cutoff is 14:00. The next-day cutoff is 23:59.';
    world.upstream.script({ model: 'm-r1', answer: said });
    const answer = await answered(await world.grounded(), { query: 'When is the next-day cutoff?' });
    expect(world.upstream.received.at(-1)!.body.messages).to.deep.equal([
      { role: 'user', content: 'When is the next-day cutoff?' },
    ]);
    expect(answer.citations.map(({ sentence }) => sentence)).to.deep.equal(['The next-day cutoff is 14:00.']);
    expect(answer.unsupported).to.deep.equal(['The next-day cutoff is 23:59.']);
  });
});
