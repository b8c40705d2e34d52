import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EmbeddedChunks } from '../../src/adapters/embedded-chunks/embedded-chunks.js';
import { seededRandom } from '../../src/domain/statistics/random.js';
import { point, unitVector, vectorStoreContract } from './vector-store-contract.js';

describe('EmbeddedChunks', function () {
  this.timeout(60_000);
  let root: string;
  let store: EmbeddedChunks;
  const open = async () => {
    root = await mkdtemp(join(tmpdir(), 'chunks-'));
    store = new EmbeddedChunks({ root });
    return {
      store,
      close: async () => {
        store.close();
        await rm(root, { recursive: true });
      },
    };
  };

  describe('as a vector store', () => vectorStoreContract({ open }));

  describe('with more rows than it looks at one by one', () => {
    let close: () => Promise<void>;
    const random = seededRandom(3);
    const vector = () => unitVector(() => random.uniform(), 32);
    const shape = { embedder: 'test@1', dimension: 32, fields: { shelf: 'number' } as const };
    const many = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) =>
        point({ document: `d${from + index}`, vector: vector(), fields: { shelf: (from + index) % 100 } }),
      );
    before(async () => {
      ({ close } = await open());
      await store.createCollection({ collection: 'many', ...shape });
      await store.upsert({ collection: 'many', points: many(0, 4000) });
      await store.optimise({ collection: 'many' });
    });
    after(() => close());

    const recall = async (filter?: { field: string; anyOf: number[] }[]): Promise<number> => {
      let shared = 0;
      for (let query = 0; query < 20; query += 1) {
        const asked = { collection: 'many', vector: vector(), limit: 10, ...(filter ? { filter } : {}) };
        const found = new Set((await store.nearest(asked)).map(({ chunk }) => chunk.id));
        const exact = await store.nearest({ ...asked, exact: true });
        expect(exact).to.have.length(10);
        shared += exact.filter(({ chunk }) => found.has(chunk.id)).length;
      }
      return shared / 200;
    };

    it('finds nearly all of the true neighbours, with and without filters', async () => {
      expect(await recall()).to.be.at.least(0.95);
      expect(await recall([{ field: 'shelf', anyOf: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }])).to.be.at.least(0.95);
      expect(await recall([{ field: 'shelf', anyOf: [42] }])).to.be.at.least(0.95);
    });

    it('sees what was written and removed since, before and after it is optimised', async () => {
      const [added] = many(9000, 9001);
      await store.upsert({ collection: 'many', points: [added!] });
      await store.removeDocuments({ collection: 'many', documents: ['d7'] });
      for (const round of ['before', 'after']) {
        const asked = { collection: 'many', vector: added!.vector, limit: 1 };
        const [found] = await store.nearest(asked);
        expect(found!.chunk.document, round).to.equal('d9000');
        await store.optimise({ collection: 'many' });
      }
      expect(await recall()).to.be.at.least(0.95);
    });

    it('copies the graph along, and each copy keeps its own', async () => {
      await store.copyCollection({ from: 'many', to: 'more' });
      await store.upsert({ collection: 'more', points: many(5000, 5100) });
      await store.optimise({ collection: 'more' });
      expect(await store.count({ collection: 'more' })).to.equal((await store.count({ collection: 'many' })) + 100);
      expect(await recall()).to.be.at.least(0.95);
    });

    it('is read by another process while it is written', async () => {
      const other = new EmbeddedChunks({ root });
      try {
        const before = await other.count({ collection: 'many' });
        await store.upsert({ collection: 'many', points: many(6000, 6010) });
        expect(await other.count({ collection: 'many' })).to.equal(before + 10);
      } finally {
        other.close();
      }
    });
  });
});
