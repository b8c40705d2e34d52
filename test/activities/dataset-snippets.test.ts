import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { EmbeddedChunks } from '../../src/adapters/embedded-chunks/embedded-chunks.js';
import { promptSchema } from '../../src/domain/release/prompt.js';
import { point } from '../contract/vector-store-contract.js';
import { builtDataset, publishedLines } from './support/built-dataset.js';
import { letterEmbedder } from './support/letter-embedder.js';

const facts = {
  'zebras.md': 'Zebras sleep while they stand.',
  'cutoff.md': 'The next-day cutoff is 14:00.',
};
const prompt = promptSchema.parse({ system: 'Answer from what is given.', template: '{context}\n\nQuestion: {query}' });
const question = 'What is the next-day cutoff?';
const messages = (content: string) => [
  { role: 'system', content: prompt.system },
  { role: 'user', content },
];

describe('training rows of a release that retrieves', () => {
  const letters = letterEmbedder();
  let folder: string;
  let store: DirectoryStore;
  let chunks: EmbeddedChunks;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-snippets-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
    chunks = new EmbeddedChunks({ root: join(folder, 'indexes') });
    const embedder = await letters.open();
    for (const [collection, documents] of [
      ['policies-1', facts],
      ['policies-2', { ...facts, 'cutoff.md': 'The next-day cutoff is 15:30.' }],
    ] as const) {
      await chunks.createCollection({ collection, embedder: embedder.id, dimension: embedder.dimension, fields: {} });
      for (const [document, text] of Object.entries(documents)) {
        const [vector] = await embedder.embed({ texts: [text] });
        await chunks.upsert({ collection, points: [point({ document, text, vector: vector!, fields: {} })] });
      }
    }
    const rows = Array.from({ length: 20 }, (_, index) => {
      const answer = `Book before two in the afternoon says clerk number ${index}.`;
      return `T-${index},C-${index},${question},${answer},cutoff,true`;
    });
    const header = 'ticket_id,customer_id,customer_query,agent_response,category,resolved';
    await writeFile(join(folder, 'tickets.csv'), [header, ...rows].join('\n'));
  });
  after(async () => {
    chunks.close();
    await rm(folder, { recursive: true, force: true });
  });

  const built = ({ retrieval = {}, indexVersion = 'policies-1' } = {}) =>
    builtDataset({
      ...{ store, openEmbedder: letters.open, question: 'How much is a box of ten kilos to Norway by air?' },
      data: {
        source: { kind: 'csv', uri: join(folder, 'tickets.csv') },
        duplicates: { threshold: 1 },
        validationShare: 0,
        minimumRows: 1,
      },
      shown: { chunks, indexVersion, prompt, retrieval: { topK: 1, ...retrieval } },
    });
  const askedIn = async (dataset: Awaited<ReturnType<typeof built>>): Promise<unknown> => {
    const [line] = await publishedLines({ store, dataset, file: 'train.jsonl' });
    return (JSON.parse(line!) as { messages: { role: string; content: string }[] }).messages.slice(0, 2);
  };

  it('ask with the snippets of the version that the release serves with', async () => {
    const dataset = await built();
    expect(dataset.manifest.index).to.equal('policies-1');
    expect(dataset.manifest.counts.train).to.be.greaterThan(0);
    const snippet = '[1] The next-day cutoff is 14:00.';
    expect(await askedIn(dataset)).to.deep.equal(messages(`${snippet}\n\nQuestion: ${question}`));
  });

  it('are another version with another version of the index, and the same with the same', async () => {
    const [first, again, later] = [await built(), await built(), await built({ indexVersion: 'policies-2' })];
    expect(again.manifest.digest).to.equal(first.manifest.digest);
    expect(later.manifest.digest).to.not.equal(first.manifest.digest);
    expect(JSON.stringify(await askedIn(later))).to.contain('15:30');
  });

  it('show nothing where the model will be shown nothing', async () => {
    const embedded = letters.embedded.length;
    const dataset = await built({ retrieval: { grounding: 'citations' } });
    expect(dataset.manifest.index).to.equal(undefined);
    expect(await askedIn(dataset)).to.deep.equal(messages(`\nQuestion: ${question}`));
    expect(letters.embedded).to.have.length(embedded);
  });
});
