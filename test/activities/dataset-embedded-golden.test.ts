import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { embedGolden, withNearest } from '../../src/activities/dataset-embedded-golden.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { builtDataset, publishedLines } from './support/built-dataset.js';
import { letterEmbedder } from './support/letter-embedder.js';

const question = 'How much is a box of ten kilos to Norway by air?';
/** The same letters in another order: other words, and to this embedder the same meaning. */
const reworded = 'By air to Norway, how much is a box of ten kilos?';
const rows = (count: number): string[] =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      ...{ ticket_id: `T-${i}`, customer_id: `C-${i % 40}`, category: 'tracking', resolved: true },
      customer_query: `Where is parcel ${i} that I have sent to shelf ${i * 7}, please?`,
      agent_response: `It is at depot ${i}.`,
    }),
  );

describe('golden cases by their meaning', () => {
  let folder: string;
  let store: DirectoryStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-meaning-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function build({
    embedder,
    embeddingAt,
  }: {
    embedder: ReturnType<typeof letterEmbedder> | null;
    embeddingAt: number | null;
  }) {
    const uri = join(folder, 'tickets.jsonl');
    const leak = { ticket_id: 'L', customer_id: 'C-l', category: 'tracking', resolved: true };
    const leaking = JSON.stringify({
      ...leak,
      customer_query: reworded,
      agent_response: 'It is 31 euros for such a box.',
    });
    await writeFile(uri, [...rows(150), leaking].join('\n'));
    const data = { source: { kind: 'jsonl', uri }, contamination: { embeddingAt } };
    return await builtDataset({ store, data, question, openEmbedder: embedder && embedder.open });
  }

  it('take out a row that asks the same in other words, and say by what', async () => {
    const embedder = letterEmbedder();
    const dataset = await build({ embedder, embeddingAt: 0.99 });
    const { contamination } = dataset.manifest;
    expect(contamination).to.include({ embeddingAt: 0.99, embedder: 'letters@1' });
    expect(contamination.removed).to.have.length(1);
    expect(contamination.removed[0]).to.include({ caseId: 'g1', by: 'embedding' });
    expect(contamination.removed[0]!.overlap).to.be.closeTo(1, 1e-6);
    const letters = await publishedLines({ store, dataset, file: 'dead-letters.jsonl' });
    expect(letters.join('')).to.contain('overlap 1.00 >= 0.99 with golden case g1 (embedding)');
    expect(embedder.embedded).to.have.length(1 + 151);
  });

  it('are left alone where the spec does not ask, and refused where there is no embedder', async () => {
    const embedder = letterEmbedder();
    const dataset = await build({ embedder, embeddingAt: null });
    expect(dataset.manifest.contamination).to.deep.equal({ removeAt: 0.85, share: 0, removed: [] });
    expect(embedder.opened()).to.equal(0);
    const refused = await build({ embedder: null, embeddingAt: 0.9 }).then(String, (error: Error) => error.message);
    expect(refused).to.match(/data.contamination.embeddingAt is 0.9 and no embedder is configured/);
  });

  it('are compared in batches that keep the order, what has no text left out', async () => {
    const embedder = letterEmbedder();
    const golden = await embedGolden({
      openEmbedder: embedder.open,
      embeddingAt: 0.9,
      cases: [{ id: 'g1', input: 'abc' }],
    });
    async function* numbers() {
      for (let i = 0; i < 150; i += 1) yield i;
    }
    const textOf = (i: number): string | null => (i % 3 === 0 ? null : i % 3 === 1 ? 'cab' : 'xyz');
    const seen: [number, number | null][] = [];
    for await (const { item, nearest } of withNearest({ items: numbers(), golden, textOf }))
      seen.push([item, nearest && Math.round(nearest.overlap)]);
    expect(seen).to.deep.equal(Array.from({ length: 150 }, (_, i) => [i, [null, 1, 0][i % 3]!]));
  });
});
