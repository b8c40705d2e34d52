import { expect } from 'chai';
import type { ChunkFilter } from '../../src/domain/retrieval/chunk.js';
import { retrieve } from '../../src/activities/retrieval/retrieve.js';
import { readOnlyChunks } from '../../src/adapters/read-only-chunks.js';
import { KnowledgeBase } from '../../src/adapters/bedrock/knowledge-base.js';
import { retrievalSpecSchema } from '../../src/domain/spec/retrieval-spec.js';
import { BedrockStub } from '../support/bedrock-stub/server.js';
import { expectPortError } from './support/expect-port-error.js';

const id = 'KB12345678';

describe('KnowledgeBase', () => {
  let stub: BedrockStub;
  before(async () => {
    stub = new BedrockStub();
    await stub.listen();
    const rows: [string, string, Record<string, string | number | boolean>][] = [
      ['a', 'The cutoff of next-day delivery is 14:00.', { language: 'en', stars: 5, verified: true }],
      ['b', 'Bulky parcels take two days.', { language: 'en', stars: 1, verified: false }],
      ['c', 'Annahmeschluss ist 14 Uhr.', { language: 'de', stars: 3, verified: true }],
      ['d', 'Nothing is known of this cutoff.', { stars: 4.5 }],
    ];
    stub.knowledgeBases.bases.set(
      id,
      rows.map(([name, text, metadata]) => ({ uri: `s3://policies/${name}.md`, text, metadata })),
    );
  });
  after(() => stub.close());
  beforeEach(() => {
    stub.knowledgeBases.asked.length = 0;
  });
  const open = (knowledgeBase = id) =>
    new KnowledgeBase({ id: knowledgeBase, region: 'us-east-1', clients: stub.clients });
  const search = (change: { filter?: ChunkFilter; limit?: number; collection?: string } = {}) =>
    open().search({
      collection: 'policies',
      question: 'What is the cutoff of next-day delivery?',
      limit: 10,
      ...change,
    });

  it('gives chunks with their document, text, fields and score, the best first', async () => {
    const [best, ...others] = await search({ limit: 2 });
    expect(best!.chunk).to.deep.include({
      document: 's3://policies/a.md',
      text: 'The cutoff of next-day delivery is 14:00.',
      start: 0,
      end: 41,
      headings: [],
      fields: { language: 'en', stars: 5, verified: true },
    });
    expect(best!.chunk.id).to.not.equal(others[0]!.chunk.id);
    expect(best!.score).to.be.above(others[0]!.score);
    expect(others).to.have.length(1);
  });

  it('filters by text, list, exclusion, range, boolean and several of them', async () => {
    const found = async (filter: ChunkFilter): Promise<string> =>
      (await search({ filter }))
        .map(({ chunk }) => /(.)\.md$/.exec(chunk.document)![1]!)
        .sort()
        .join('');
    expect(await found([])).to.equal('abcd');
    expect(await found([{ field: 'language', anyOf: ['de'] }])).to.equal('c');
    expect(await found([{ field: 'language', anyOf: ['de', 'en'] }])).to.equal('abc');
    expect(await found([{ field: 'language', noneOf: ['de'] }])).to.equal('abd');
    expect(await found([{ field: 'language', noneOf: ['de', 'en'] }])).to.equal('d');
    expect(await found([{ field: 'stars', atLeast: 3, atMost: 4.5 }])).to.equal('cd');
    expect(await found([{ field: 'stars', anyOf: [1, 3] }])).to.equal('bc');
    expect(await found([{ field: 'stars', noneOf: [1, 3] }])).to.equal('ad');
    expect(
      await found([
        { field: 'verified', anyOf: [true] },
        { field: 'stars', atLeast: 4 },
      ]),
    ).to.equal('a');
  });

  it('asks for no more than Bedrock gives at a time', async () => {
    await search({ limit: 1000 });
    expect(stub.knowledgeBases.asked).to.deep.equal([{ numberOfResults: 100 }]);
  });

  it('leads every index to itself, also by its own name, and knows no version of another store', async () => {
    const named = { collection: `bedrock:${id}`, embedder: `bedrock:${id}`, dimension: 0, fields: {} };
    expect(await open('OTHER').describe({ collection: `bedrock:${id}` })).to.deep.equal(named);
    expect(await open().describe({ collection: 'policies' })).to.deep.equal(named);
    expect(await open().describe({ collection: 'policies-0123456789ab' })).to.equal(null);
    expect(await search({ collection: `bedrock:${id}` })).to.have.length(4);
  });

  it('says that there is no such knowledge base, and that it takes no vectors', async () => {
    const gone = open('GONE').search({ collection: 'policies', question: 'cutoff', limit: 1 });
    await expectPortError(gone, 'NotFound', 'GONE', 'does not exist');
    await expectPortError(open().nearest(), 'InvalidInput', 'embeds by itself');
    await expectPortError(open().matching(), 'InvalidInput', 'embeds by itself');
    expect(await open().fieldValues()).to.deep.equal([]);
  });

  it('finds for retrieval, whatever embeds elsewhere, and is filled by nobody here', async () => {
    const chunks = readOnlyChunks({ reader: open(), name: `bedrock:${id}` });
    const embedder = { id: 'none', dimension: 1, maximumTokens: 1, embed: () => Promise.reject(new Error('asked')) };
    const settings = retrievalSpecSchema.parse({ index: 'policies', topK: 1 });
    const question = 'What is the cutoff of next-day delivery?';
    const { found, context } = await retrieve({ question, collection: 'policies', settings, embedder, chunks });
    expect(found.map(({ chunk }) => chunk.document)).to.deep.equal(['s3://policies/a.md']);
    expect(context).to.include('14:00');
    await expectPortError(chunks.dropCollection({ collection: 'policies' }), 'InvalidInput', 'read only');
  });
});
