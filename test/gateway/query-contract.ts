import { expect } from 'chai';
import type { GatewaySettings } from '../../src/config/gateway-settings.js';
import { ask, model, openGatewayWorld, type Answering, type GatewayWorld } from './support/gateway-world.js';

/** What every gateway answers to questions, wherever it runs. `open` opens one over a world. */
export function describeQueries({
  name,
  open,
}: {
  name: string;
  open: (input: { world: GatewayWorld; settings?: Partial<GatewaySettings> }) => Promise<Answering>;
}): void {
  describe(`${name}: POST /models/:model/query and /query`, () => {
    let world: GatewayWorld;
    let app: Answering;

    before(async () => {
      world = await openGatewayWorld();
      await world.store.put({
        key: 'releases/m-r1/prompt.json',
        body: Buffer.from('{"system":"Be brief.","template":"Q: {query}","maxTokens":32,"temperature":0.5}'),
      });
      await world.writePlan();
      app = await open({ world });
    });
    after(() => world.close());

    it('answers as the contract says', async () => {
      const response = await ask(app, {
        body: { query: 'Where is it?', user: 'ann', session: 's', filters: { a: 1 } },
      });
      expect(response.statusCode, response.body).to.equal(200);
      const body = response.json<Record<string, unknown>>();
      expect(body).to.include({ query: 'Where is it?', sources: 0, model, release: 'm-r1' });
      expect(body.answer).to.equal('m-r1: Q: Where is it?');
      expect(body.citations).to.deep.equal([]);
      expect(response.headers).to.include({ 'x-model-id': model, 'x-release-id': 'm-r1', 'x-answer-id': body.id });
    });

    it("asks with the release's prompt and the key of the endpoint", async () => {
      const asked = await ask(app, { body: { query: 'two {query} $& more' } });
      expect(asked.statusCode).to.equal(200);
      const { body } = world.upstream.received.at(-1)!;
      expect(body).to.deep.equal({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Q: two {query} $& more' },
        ],
        max_tokens: 32,
        temperature: 0.5,
        model: 'm-r1',
      });
    });

    it("asks the key's default model on /query", async () => {
      expect((await ask(app, { url: '/query' })).json()).to.include({ model });
      const without = await ask(app, { url: '/query', key: 'modelless' });
      expect(without.statusCode).to.equal(400);
      expect(without.json<{ error: string }>().error).to.match(/modelless has no default model/);
    });

    const refused: { name: string; status: number; error: RegExp; input: Parameters<typeof ask>[1] }[] = [
      { name: 'no key', status: 403, error: /x-api-key is missing/, input: { key: null } },
      { name: 'an unknown key', status: 403, error: /unknown or expired/, input: { key: 'nobody' } },
      { name: 'an expired key', status: 403, error: /unknown or expired/, input: { key: 'expired' } },
      {
        name: 'a key without the scope',
        status: 403,
        error: /reader may feedback, this needs query/,
        input: { key: 'reader' },
      },
      { name: 'an empty query', status: 400, error: /^query: .*empty text/, input: { body: { query: ' ' } } },
      { name: 'no query', status: 400, error: /^query: expected string/, input: { body: {} } },
      {
        name: 'a query that is no text',
        status: 400,
        error: /^query: expected string, received number/,
        input: { body: { query: 1 } },
      },
      {
        name: 'a user that is no text',
        status: 400,
        error: /^user: expected string/,
        input: { body: { query: 'a', user: 7 } },
      },
      { name: 'no body', status: 400, error: /body/i, input: { body: '' } },
      { name: 'a body that is no JSON', status: 400, error: /JSON/, input: { body: '{' } },
      {
        name: 'a body that is a list',
        status: 400,
        error: /body: expected object, received array/,
        input: { body: [] },
      },
      { name: 'a body too large', status: 413, error: /too large/i, input: { body: { query: 'a'.repeat(70_000) } } },
      {
        name: 'an unknown model',
        status: 404,
        error: /model other is not served/,
        input: { url: '/models/other/query' },
      },
      { name: 'an unknown route', status: 404, error: /not served here/, input: { url: '/nothing' } },
      {
        name: 'a body that is no JSON by its type',
        status: 415,
        error: /media type/i,
        input: { headers: { 'content-type': 'text/csv' } },
      },
      {
        name: 'an arm asked for without the scope',
        status: 403,
        error: /x-understudy-arm needs the scope test/,
        input: { headers: { 'x-understudy-arm': 'challenger' } },
      },
      {
        name: 'an arm that does not exist',
        status: 400,
        error: /expected champion or challenger/,
        input: { key: 'tester', headers: { 'x-understudy-arm': 'best' } },
      },
    ];
    for (const { name, status, error, input } of refused)
      it(`refuses ${name} with ${status}`, async () => {
        const before = world.upstream.received.length;
        const response = await ask(app, input);
        expect(response.statusCode, response.body).to.equal(status);
        expect(response.json<{ error: string }>().error).to.match(error);
        expect(world.upstream.received).to.have.length(before);
      });

    it('refuses more than the burst with 429 and says when to come back', async () => {
      const statuses = [];
      for (let n = 0; n < 3; n += 1) statuses.push(await ask(app, { key: 'slowpoke' }));
      expect(statuses.map(({ statusCode }) => statusCode)).to.deep.equal([200, 200, 429]);
      expect(statuses[2]!.headers['retry-after']).to.equal('2');
      expect(statuses[0]!.headers).to.include({ 'ratelimit-limit': '2', 'ratelimit-remaining': '1' });
    });

    it('lets testers choose the arm', async () => {
      const forced = await ask(app, { key: 'tester', headers: { 'x-understudy-arm': 'challenger' } });
      expect(forced.headers['x-release-id']).to.equal('m-r2');
    });

    it('gives 503 with retry-after while nobody can answer, and says nothing of the inside', async () => {
      world.upstream.script({ model: 'm-r1', status: 500 });
      const response = await ask(app);
      world.upstream.script({ model: 'm-r1' });
      expect(response.statusCode).to.equal(503);
      expect(response.headers['retry-after']).to.equal('1');
      expect(response.body).not.to.include('127.0.0.1');
    });

    it("gives the caller's own mistake back as 400", async () => {
      world.upstream.script({ model: 'm-r1', status: 400 });
      const response = await ask(app);
      world.upstream.script({ model: 'm-r1' });
      expect(response.statusCode).to.equal(400);
    });

    it('turns requests over the limit away early with 503', async () => {
      const narrow = await open({ world, settings: { maxConcurrency: 1, gatewayId: 'narrow' } });
      world.upstream.script({ model: 'm-r1', delayMilliseconds: 100 });
      const both = await Promise.all([ask(narrow), ask(narrow)]);
      world.upstream.script({ model: 'm-r1' });
      expect(both.map(({ statusCode }) => statusCode).sort()).to.deep.equal([200, 503]);
      expect((await ask(narrow)).statusCode, 'the place is free again').to.equal(200);
    });

    it('is ready by plan, healthy without one, and answers 503 for a model that waits for its plan', async () => {
      expect((await app.inject('/readyz')).json()).to.deep.include({ ready: true });
      const empty = await open({ world, settings: { models: ['waiting'], gatewayId: 'empty' } });
      expect((await empty.inject('/healthz')).statusCode).to.equal(200);
      const readiness = await empty.inject('/readyz');
      expect(readiness.statusCode).to.equal(503);
      expect(readiness.json()).to.include({ ready: false });
      expect((await ask(empty, { url: '/models/waiting/query' })).statusCode).to.equal(503);
    });

    it('describes itself as OpenAPI 3.1 with every route and refusal', async () => {
      const document = (await app.inject('/openapi.json')).json<{
        openapi: string;
        paths: Record<string, { post?: { responses: object; requestBody: object } }>;
      }>();
      expect(document.openapi).to.equal('3.1.0');
      expect(Object.keys(document.paths)).to.include.members([
        '/models/{model}/query',
        '/query',
        '/v1/chat/completions',
        '/feedback',
        '/outcome',
        '/healthz',
        '/readyz',
        '/metrics',
      ]);
      expect(document.paths['/query']!.post!.responses).to.have.all.keys(
        '200',
        '400',
        '403',
        '404',
        '413',
        '429',
        '503',
      );
      expect(JSON.stringify(document.paths['/query']!.post!.requestBody)).to.include('"required":["query"]');
    });

    it('refuses other methods with 405 and says which it takes', async () => {
      for (const method of ['GET', 'PUT', 'OPTIONS', 'DELETE'] as const) {
        const response = await app.inject({ method, url: `/models/${model}/query` });
        expect(response.statusCode, method).to.equal(405);
        expect(response.headers.allow).to.equal('POST');
      }
      expect((await app.inject({ method: 'POST', url: '/healthz' })).headers.allow).to.equal('GET, HEAD');
    });

    it('gives Prometheus exemplars that name the answer', async () => {
      const { id } = (await ask(app)).json<{ id: string }>();
      const { body, headers } = await app.inject('/metrics');
      expect(headers['content-type']).to.match(/^application\/openmetrics-text; version=1\.0\.0/);
      expect(body)
        .to.include(`# {answer_id="${id}"}`)
        .and.to.match(/# EOF\n$/);
    });

    it('shows its counters to Prometheus', async () => {
      const { body } = await app.inject('/metrics');
      expect(body).to.match(/understudy_gateway_events_total\{[^}]*release="m-r1"[^}]*event="request"\} [1-9]/);
      expect(body).to.match(/understudy_gateway_plan_age_seconds\{model="support-assistant"\} 0/);
    });
  });
}
