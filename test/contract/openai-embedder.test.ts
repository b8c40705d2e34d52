import { expect } from 'chai';
import { OpenAiEmbedder } from '../../src/adapters/openai-embedder/openai-embedder.js';
import { RequestPace } from '../../src/adapters/openai-embedder/request-pace.js';
import { expectPortError } from './support/expect-port-error.js';
import { reply, startScriptedServer, type ScriptedServer } from './support/scripted-server.js';

interface Asked {
  model: string;
  input: string[];
  dimensions?: number;
  encoding_format: string;
}

describe('OpenAiEmbedder', () => {
  let server: ScriptedServer;
  let status = 200;
  /** Decides what one text gets; the order of a reply is not that of the request. */
  let vectorOf: (text: string) => number[] = (text) => [3, text.length, 0];
  before(async () => {
    server = await startScriptedServer(({ body }, response) => {
      const { input } = JSON.parse(body) as Asked;
      const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })).reverse();
      const refused = { error: { message: 'no, the-secret-key' } };
      reply(response, { status, headers: { 'retry-after': '7' }, body: status === 200 ? { data } : refused });
    });
  });
  beforeEach(() => {
    status = 200;
    vectorOf = (text) => [3, text.length, 0];
    server.seen.splice(0);
  });
  after(() => server.close());

  const open = (change: object = {}) =>
    OpenAiEmbedder.open({
      ...{ baseUrl: `${server.url}/v1`, model: 'small', apiKey: 'the-secret-key', dimension: null },
      ...{ requestsPerMinute: null, textsPerRequest: 2, ...change },
    });
  const asked = (): Asked[] => server.seen.map(({ body }) => JSON.parse(body) as Asked);

  it('names its model, learns the length of its vectors, and makes them of length 1', async () => {
    const embedder = await open();
    expect([embedder.id, embedder.dimension]).to.deep.equal(['openai:small', 3]);
    const [vector] = await embedder.embed({ texts: ['four'] });
    expect([...vector!].map((value) => Number(value.toFixed(6)))).to.deep.equal([0.6, 0.8, 0]);
    expect(server.seen[0]!.path).to.equal('/v1/embeddings');
    expect(server.seen[0]!.headers.authorization).to.equal('Bearer the-secret-key');
  });

  it('asks in batches and gives the vectors in the order of the texts', async () => {
    const embedder = await open();
    const texts = ['a', 'bb', 'ccc', ' ', 'eeeee'];
    const vectors = await embedder.embed({ texts });
    expect(vectors.map((vector) => Math.round((3 * vector[1]!) / vector[0]!))).to.deep.equal([1, 2, 3, 1, 5]);
    expect(
      asked()
        .slice(1)
        .map(({ input }) => input),
    ).to.have.deep.members([['a', 'bb'], ['ccc', '.'], ['eeeee']]);
    expect(await embedder.embed({ texts: [] })).to.deep.equal([]);
  });

  it('asks for a shorter vector where one is named, and refuses another', async () => {
    await expectPortError(open({ dimension: 2 }), 'InvalidInput', 'a vector of 3 numbers, expected 2');
    expect(asked()[0]).to.include({ model: 'small', dimensions: 2, encoding_format: 'float' });
    const embedder = await open();
    vectorOf = () => [1, 0];
    await expectPortError(embedder.embed({ texts: ['a'] }), 'InvalidInput', 'expected 3', 'index again');
  });

  it('never retries, and says what the endpoint said without the key', async () => {
    const embedder = await open();
    status = 429;
    const limited = await expectPortError(embedder.embed({ texts: ['a'] }), 'RateLimited', 'small at', 'HTTP 429');
    expect(limited.retryAfterMilliseconds).to.equal(7000);
    expect(limited.message).to.not.contain('the-secret-key');
    expect(server.seen).to.have.length(2);
    status = 401;
    await expectPortError(embedder.embed({ texts: ['a'] }), 'Unauthorised');
    status = 500;
    await expectPortError(embedder.embed({ texts: ['a'] }), 'Unavailable');
  });

  it('stops where it is told to', async () => {
    const embedder = await open();
    const stopped = await embedder.embed({ texts: ['a'], signal: AbortSignal.abort() }).catch((error: Error) => error);
    expect((stopped as Error).name).to.equal('AbortError');
  });
});

describe('the pace of requests', () => {
  it('spaces them evenly, and lets nobody wait after a pause', async () => {
    let now = 0;
    const waits: number[] = [];
    const sleep = async (milliseconds: number): Promise<void> => {
      waits.push(milliseconds);
      now += milliseconds;
    };
    const pace = new RequestPace({ requestsPerMinute: 60, now: () => now, sleep });
    for (let request = 0; request < 3; request += 1) await pace.turn();
    now += 10_000;
    await pace.turn();
    expect(waits).to.deep.equal([1000, 1000]);
    const free = new RequestPace({ requestsPerMinute: null, now: () => now, sleep });
    await free.turn();
    expect(waits).to.have.length(2);
  });
});
