import { expect } from 'chai';
import { RerankEndpoint } from '../../src/adapters/rerank-endpoint/rerank-endpoint.js';
import { expectPortError } from './support/expect-port-error.js';
import { reply, startScriptedServer, type ScriptedServer } from './support/scripted-server.js';

describe('RerankEndpoint', () => {
  let server: ScriptedServer;
  let status = 200;
  let body: unknown;
  before(async () => {
    server = await startScriptedServer((_, response) => {
      if (status !== 0) reply(response, { status, body });
    });
  });
  beforeEach(() => {
    status = 200;
    body = {
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: -0.2 },
      ],
    };
    server.seen.splice(0);
  });
  after(() => server.close());

  const score = (change: { timeoutMilliseconds?: number; signal?: AbortSignal } = {}) => {
    const { signal, ...options } = change;
    return new RerankEndpoint({ apiKey: 'the-secret-key', ...options }).score({
      ...{ endpoint: `${server.url}/v1/`, model: 'cross', question: 'When?', texts: ['one', 'two'] },
      ...(signal ? { signal } : {}),
    });
  };

  it('gives a score for each text, in their order', async () => {
    expect(await score()).to.deep.equal([-0.2, 0.9]);
    expect(server.seen[0]).to.include({ method: 'POST', path: '/v1/rerank' });
    expect(JSON.parse(server.seen[0]!.body)).to.deep.equal({
      ...{ model: 'cross', query: 'When?', documents: ['one', 'two'], top_n: 2 },
    });
  });

  it('refuses a reply that leaves a text out, scores one that is not there, or is none', async () => {
    body = { results: [{ index: 1, relevance_score: 0.9 }] };
    await expectPortError(score(), 'Unavailable', 'scored 1 texts, expected each of 2 once');
    body = { results: [0, 1, 2].map((index) => ({ index, relevance_score: 1 })) };
    await expectPortError(score(), 'Unavailable', 'expected each of 2 once');
    body = 'hello';
    await expectPortError(score(), 'Unavailable', 'no scores');
  });

  it('says what went wrong without the key, waits no longer than it may, and stops where it is told to', async () => {
    status = 403;
    body = 'not with the-secret-key';
    const error = await expectPortError(score(), 'Unauthorised', 'cross at', 'HTTP 403');
    expect(error.message).to.not.contain('the-secret-key');
    status = 0;
    await expectPortError(score({ timeoutMilliseconds: 50 }), 'Timeout');
    const stopped = await score({ signal: AbortSignal.abort() }).catch((reason: Error) => reason);
    expect((stopped as Error).name).to.equal('AbortError');
  });
});
