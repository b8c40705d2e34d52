import { expect } from 'chai';
import type { ChunkPoint, VectorStore } from '../../src/activities/vector-store-port.js';
import type { Chunk, FieldValue } from '../../src/domain/retrieval/chunk.js';
import { chunkId } from '../../src/domain/retrieval/chunk-id.js';
import { seededRandom } from '../../src/domain/statistics/random.js';
import { expectPortError } from './support/expect-port-error.js';

const dimension = 16;
const fields = { language: 'keyword', stars: 'number', verified: 'boolean' } as const;
const shape = { embedder: 'test@1', dimension, fields };

export function unitVector(next: () => number, length = dimension): Float32Array {
  const vector = Float32Array.from({ length }, () => next() - 0.5);
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

export function point(input: {
  document: string;
  vector: Float32Array;
  text?: string;
  fields?: Record<string, FieldValue>;
  start?: number;
}): ChunkPoint {
  const { document, vector, text = `about ${input.document}`, start = 0 } = input;
  const place = { document, version: 'v1', start, end: start + text.length };
  const chunk: Chunk = { id: chunkId(place), ...place, headings: [], text, fields: input.fields ?? {} };
  return { chunk, vector };
}

/** What every vector store does the same way. */
export function vectorStoreContract({
  open,
}: {
  open: () => Promise<{ store: VectorStore; close: () => Promise<void> }>;
}) {
  let store: VectorStore;
  let close: () => Promise<void>;
  const collection = 'policies-1';
  const random = seededRandom(7);
  const vector = () => unitVector(() => random.uniform());
  const documents = (found: readonly { chunk: Chunk }[]): string[] => found.map(({ chunk }) => chunk.document);

  beforeEach(async () => {
    ({ store, close } = await open());
    await store.createCollection({ collection, ...shape });
  });
  afterEach(() => close());

  it('finds the nearest first, with the score of the cosine and the whole chunk', async () => {
    const points = Array.from({ length: 40 }, (_, index) =>
      point({ document: `d${index}`, vector: vector(), fields: { language: 'de', stars: 3, verified: true } }),
    );
    points[7]!.chunk.headings = ['Delivery', 'Next-day'];
    await store.upsert({ collection, points });
    await store.optimise({ collection });
    const query = points[7]!.vector;
    const cosine = (one: Float32Array) => one.reduce((sum, value, index) => sum + value * query[index]!, 0);
    const wanted = [...points].sort((one, other) => cosine(other.vector) - cosine(one.vector)).slice(0, 5);
    const found = await store.nearest({ collection, vector: query, limit: 5 });
    expect(documents(found)).to.deep.equal(wanted.map(({ chunk }) => chunk.document));
    expect(found[0]!.chunk).to.deep.equal(points[7]!.chunk);
    for (const [index, { score }] of found.entries()) expect(score).to.be.closeTo(cosine(wanted[index]!.vector), 1e-3);
    const exact = await store.nearest({ collection, vector: query, limit: 5, exact: true });
    expect(documents(exact)).to.deep.equal(documents(found));
  });

  it('filters by text, list, exclusion, range and boolean', async () => {
    const rows: [string, Record<string, FieldValue>][] = [
      ['a', { language: 'de', stars: 5, verified: true }],
      ['b', { language: 'en', stars: 1, verified: false }],
      ['c', { language: 'fr', stars: 3, verified: true }],
      ['d', { stars: 4.5 }],
    ];
    const points = rows.map(([document, own]) => point({ document, vector: vector(), text: 'parcel', fields: own }));
    await store.upsert({ collection, points });
    const query = vector();
    const asked = async (filter: NonNullable<Parameters<VectorStore['nearest']>[0]['filter']>): Promise<string> => {
      const near = await store.nearest({ collection, vector: query, limit: 10, filter });
      const words = await store.matching({ collection, query: 'parcel', limit: 10, filter });
      expect(documents(words).sort()).to.deep.equal(documents(near).sort());
      return documents(near).sort().join('');
    };
    expect(await asked([])).to.equal('abcd');
    expect(await asked([{ field: 'language', anyOf: ['de'] }])).to.equal('a');
    expect(await asked([{ field: 'language', anyOf: ['de', 'fr'] }])).to.equal('ac');
    expect(await asked([{ field: 'language', noneOf: ['de'] }])).to.equal('bcd');
    expect(await asked([{ field: 'stars', atLeast: 3, atMost: 4.5 }])).to.equal('cd');
    expect(await asked([{ field: 'verified', anyOf: [true] }])).to.equal('ac');
    expect(
      await asked([
        { field: 'verified', anyOf: [true] },
        { field: 'stars', atLeast: 4 },
      ]),
    ).to.equal('a');
    expect(await asked([{ field: 'language', anyOf: ["'; DROP TABLE chunks; --"] }])).to.equal('');
  });

  it('lists the different values of a field', async () => {
    const languages = ['fr', 'de', 'en', 'de', 'de'];
    const points = languages.map((language, index) =>
      point({ document: `v${index}`, vector: vector(), fields: { language } }),
    );
    await store.upsert({ collection, points: [...points, point({ document: 'none', vector: vector() })] });
    const asked = { collection, field: 'language' };
    expect(await store.fieldValues({ ...asked, limit: 10 })).to.deep.equal(['de', 'en', 'fr']);
    expect(await store.fieldValues({ ...asked, limit: 2 })).to.have.length(2);
    await expectPortError(store.fieldValues({ collection, field: 'colour', limit: 2 }), 'InvalidInput', 'colour');
  });

  it('matches words, the rarer ones more, in any case and language', async () => {
    const texts = ['the cutoff is at 14:00', 'the parcel and the parcel', 'Zahlung auf Rechnung für Geschäftskunden'];
    await store.upsert({
      collection,
      points: texts.map((text, index) => point({ document: `w${index}`, vector: vector(), text })),
    });
    expect(documents(await store.matching({ collection, query: 'What is THE Cutoff?', limit: 3 }))[0]).to.equal('w0');
    expect(documents(await store.matching({ collection, query: 'geschäftskunden', limit: 3 }))).to.deep.equal(['w2']);
    expect(await store.matching({ collection, query: '"?* OR NEAR(', limit: 3 })).to.deep.equal([]);
    expect(await store.matching({ collection, query: 'giraffe', limit: 3 })).to.deep.equal([]);
  });

  it('writes over the same chunk, removes documents, and counts', async () => {
    const first = point({ document: 'a', vector: vector() });
    await store.upsert({ collection, points: [first, point({ document: 'b', vector: vector() })] });
    await store.upsert({ collection, points: [{ ...first, vector: vector() }] });
    expect(await store.count({ collection })).to.equal(2);
    await store.removeDocuments({ collection, documents: ['a', 'never there'] });
    await store.removeDocuments({ collection, documents: ['a'] });
    expect(await store.count({ collection })).to.equal(1);
    expect(documents(await store.nearest({ collection, vector: first.vector, limit: 5 }))).to.deep.equal(['b']);
    expect(await store.matching({ collection, query: 'a', limit: 5 })).to.deep.equal([]);
  });

  it('scans every point once, in pages', async () => {
    const points = Array.from({ length: 25 }, (_, index) => point({ document: `d${index}`, vector: vector() }));
    await store.upsert({ collection, points });
    const seen: ChunkPoint[] = [];
    for (let after: string | null = null; ;) {
      const page = await store.scan({ collection, after, limit: 10 });
      if (page.length === 0) break;
      seen.push(...page);
      after = page.at(-1)!.chunk.id;
    }
    expect(seen.map(({ chunk }) => chunk.id)).to.deep.equal(points.map(({ chunk }) => chunk.id).sort());
    const same = points.find(({ chunk }) => chunk.id === seen[0]!.chunk.id)!;
    for (const [index, value] of same.vector.entries()) expect(seen[0]!.vector[index]).to.be.closeTo(value, 1e-6);
  });

  it('switches an alias from one collection to the next', async () => {
    await store.upsert({ collection, points: [point({ document: 'old', vector: vector() })] });
    await store.setAlias({ alias: 'policies', collection });
    await store.copyCollection({ from: collection, to: 'policies-2' });
    await store.removeDocuments({ collection: 'policies-2', documents: ['old'] });
    await store.upsert({ collection: 'policies-2', points: [point({ document: 'new', vector: vector() })] });
    const served = async () =>
      documents(await store.nearest({ collection: 'policies', vector: vector(), limit: 5 })).join();
    expect(await served()).to.equal('old');
    await store.setAlias({ alias: 'policies', collection: 'policies-2' });
    expect(await served()).to.equal('new');
    expect(await store.aliases()).to.deep.equal({ policies: 'policies-2' });
    expect((await store.describe({ collection: 'policies' }))!.collection).to.equal('policies-2');
    expect((await store.collections()).sort()).to.deep.equal(['policies-1', 'policies-2']);
    await store.setAlias({ alias: 'policies', collection });
    expect(await served()).to.equal('old');
  });

  it('says what shape a collection has, and refuses what does not fit it', async () => {
    expect(await store.describe({ collection })).to.deep.equal({ collection, ...shape });
    expect(await store.describe({ collection: 'none' })).to.equal(null);
    await store.createCollection({ collection, ...shape });
    await expectPortError(store.createCollection({ collection, ...shape, embedder: 'other@2' }), 'Conflict', 'other@2');
    const short = new Float32Array(8).fill(0.35);
    await expectPortError(
      store.upsert({ collection, points: [point({ document: 'a', vector: short })] }),
      'InvalidInput',
      '16',
    );
    await expectPortError(store.nearest({ collection, vector: short, limit: 1 }), 'InvalidInput', '16');
    const filter = [{ field: 'colour', anyOf: ['red'] }];
    await expectPortError(store.nearest({ collection, vector: vector(), limit: 1, filter }), 'InvalidInput', 'colour');
  });

  it('says that a collection is not there, also one that was dropped behind our back', async () => {
    await expectPortError(store.nearest({ collection: 'none', vector: vector(), limit: 1 }), 'NotFound', 'none');
    await expectPortError(store.setAlias({ alias: 'policies', collection: 'none' }), 'NotFound', 'none');
    await store.setAlias({ alias: 'policies', collection });
    await store.nearest({ collection: 'policies', vector: vector(), limit: 1 });
    await store.dropCollection({ collection });
    await store.dropCollection({ collection });
    await expectPortError(store.nearest({ collection: 'policies', vector: vector(), limit: 1 }), 'NotFound');
    await expectPortError(store.count({ collection }), 'NotFound');
  });
}
