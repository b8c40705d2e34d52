import { expect } from 'chai';
import { restoreSnapshot, saveSnapshot } from '../../src/activities/retrieval/index-snapshots.js';
import { Qdrant } from '../../src/adapters/qdrant/qdrant.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { indexWorld } from '../activities/support/index-world.js';
import { startQdrant, type QdrantServer } from '../support/qdrant/qdrant-server.js';
import { expectPortError } from './support/expect-port-error.js';
import { point, vectorStoreContract } from './vector-store-contract.js';

const named = process.env.QDRANT_URL;

describe(`Qdrant ${named ? `at ${named}` : "(its engine behind the project's REST front)"}`, function () {
  this.timeout(60_000);
  let server: QdrantServer;
  before(async () => {
    server = named ? { url: named, stop: async () => {} } : await startQdrant();
  });
  after(() => server.stop());

  vectorStoreContract({
    open: async () => {
      const store = new Qdrant({ url: server.url, apiKey: process.env.QDRANT_API_KEY ?? null });
      const clear = async () => {
        for (const collection of ['policies-1', 'policies-2']) await store.dropCollection({ collection });
      };
      await clear();
      return { store, close: clear };
    },
  });
});

describe('Qdrant away or closed to us', function () {
  this.timeout(60_000);
  const vector = new Float32Array(4).fill(0.5);

  it('is unavailable while it is away, and found again on the same address', async () => {
    const first = await startQdrant();
    const store = new Qdrant({ url: first.url, apiKey: null });
    const shape = { embedder: 'test@1', dimension: 4, fields: {} };
    await store.createCollection({ collection: 'a', ...shape });
    await first.stop();
    await expectPortError(store.nearest({ collection: 'a', vector, limit: 1 }), 'Unavailable', 'Qdrant: search a');
    const second = await startQdrant({ port: Number(new URL(first.url).port) });
    try {
      await expectPortError(store.nearest({ collection: 'a', vector, limit: 1 }), 'NotFound');
      await store.createCollection({ collection: 'a', ...shape });
      await store.upsert({ collection: 'a', points: [point({ document: 'd', vector })] });
      expect(await store.nearest({ collection: 'a', vector, limit: 1 })).to.have.length(1);
    } finally {
      await second.stop();
    }
  });

  it('refuses a wrong key, and keeps the right one to itself', async () => {
    const server = await startQdrant({ apiKey: 'the right key' });
    try {
      const wrong = new Qdrant({ url: server.url, apiKey: 'the wrong key' });
      const error = await expectPortError(wrong.collections(), 'Unauthorised');
      expect(error.message).to.not.contain('wrong key');
      expect(await new Qdrant({ url: server.url, apiKey: 'the right key' }).collections()).to.deep.equal([]);
    } finally {
      await server.stop();
    }
  });

  it('saves a version into the artifact store and brings it back once it is lost', async () => {
    const server = await startQdrant({ apiKey: 'the right key' });
    const world = await indexWorld({ files: { 'prices.md': 'Everything is 7 pounds.', 'delivery.md': 'By 14:00.' } });
    try {
      const chunks = new Qdrant({ url: server.url, apiKey: 'the right key' });
      const { store, letters } = world;
      const { version } = await world.run(world.stepsOver(chunks));
      const place = { store, chunks, index: 'policies', version };
      const { bytes } = await saveSnapshot(place);
      expect(bytes).to.be.greaterThan(1000);
      await expectPortError(restoreSnapshot(place), 'Conflict', 'stands');
      await chunks.dropCollection({ collection: version });
      const embedded = letters.embedded.length;
      expect(await restoreSnapshot(place)).to.deep.equal({ chunks: 2 });
      expect(letters.embedded.length).to.equal(embedded);
      const found = await chunks.matching({ collection: version, query: 'pounds', limit: 5 });
      expect(found.map(({ chunk }) => chunk.document)).to.deep.equal(['policies/prices.md']);
      await chunks.dropCollection({ collection: version });
      await store.remove({ key: storeKeys.index({ ...place, file: 'snapshot' }) });
      await expectPortError(restoreSnapshot(place), 'NotFound');
      await expectPortError(saveSnapshot({ ...place, chunks: world.chunks }), 'InvalidInput', 'no snapshots');
    } finally {
      await world.close();
      await server.stop();
    }
  });
});
