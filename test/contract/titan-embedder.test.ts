import { expect } from 'chai';
import { TitanEmbedder } from '../../src/adapters/bedrock/titan-embedder.js';
import { titanDimensions } from '../../src/config/retrieval-settings.js';
import { BedrockStub } from '../support/bedrock-stub/server.js';
import { ServiceError } from '../support/bedrock-stub/service-error.js';
import { expectPortError } from './support/expect-port-error.js';

const cosine = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * other[index]!, 0);

describe('TitanEmbedder', () => {
  let stub: BedrockStub;
  before(async () => {
    stub = new BedrockStub();
    await stub.listen();
  });
  after(() => stub.close());
  beforeEach(() => {
    stub.seen.length = 0;
    stub.failures = [];
    stub.hangs = false;
  });
  const open = (dimension: (typeof titanDimensions)[number] = 1024) =>
    new TitanEmbedder({ region: 'us-east-1', dimension, clients: stub.clients });

  for (const dimension of titanDimensions)
    it(`gives vectors of length 1 with ${dimension} numbers, which its id names`, async () => {
      const embedder = open(dimension);
      const [vector] = await embedder.embed({ texts: ['When is the cutoff?'] });
      expect(vector).to.have.length(dimension);
      expect(cosine(vector!, vector!)).to.be.closeTo(1, 1e-5);
      expect(embedder.id).to.equal(`amazon.titan-embed-text-v2:0/${dimension}`);
      expect(embedder.dimension).to.equal(dimension);
    });

  it('keeps the order of many texts, each asked once', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => `parcel number ${index}`);
    const together = await open(256).embed({ texts });
    expect(stub.seen).to.have.length(100);
    for (const index of [0, 57, 99]) {
      const [alone] = await open(256).embed({ texts: [texts[index]!] });
      expect(cosine(alone!, together[index]!)).to.be.closeTo(1, 1e-6);
    }
    expect(await open().embed({ texts: [] })).to.deep.equal([]);
  });

  it('reads an empty text, and of a long one what Titan takes of it', async () => {
    const long = 'cutoff '.repeat(10_000);
    const [empty, cut] = await open(256).embed({ texts: ['', long] });
    expect(empty).to.have.length(256);
    expect(cut).to.have.length(256);
    const asked = stub.seen.map(({ body }) => (body as { inputText: string }).inputText.length);
    expect(asked).to.have.length(3);
    expect(Math.max(...asked)).to.equal(50_000);
    expect(asked.at(-1)).to.be.within(30_000, 8192 * 4.7);
  });

  it('says what went wrong, and asks no more', async () => {
    stub.failures = [new ServiceError(429, 'ThrottlingException', 'Too many requests')];
    await expectPortError(open().embed({ texts: ['a'] }), 'RateLimited', 'Too many requests');
    expect(stub.seen).to.have.length(1);
    stub.failures = [new ServiceError(400, 'ValidationException', 'Malformed input request')];
    await expectPortError(open().embed({ texts: ['a'] }), 'InvalidInput', 'Malformed');
  });

  it('stops where it is told to, before and meanwhile', async () => {
    const reason = new Error('enough');
    const caught = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
    expect(await caught(open().embed({ texts: ['a'], signal: AbortSignal.abort(reason) }))).to.equal(reason);
    stub.hangs = true;
    const controller = new AbortController();
    const asking = caught(open().embed({ texts: ['a', 'b'], signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 20);
    expect(await asking).to.equal(reason);
  });
});
