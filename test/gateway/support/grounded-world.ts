import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { ChunkReader, VectorStore } from '../../../src/activities/vector-store-port.js';
import { EmbeddedChunks } from '../../../src/adapters/embedded-chunks/embedded-chunks.js';
import { RerankEndpoint } from '../../../src/adapters/rerank-endpoint/rerank-endpoint.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import type { FieldValue } from '../../../src/domain/retrieval/chunk.js';
import type { Target } from '../../../src/domain/rollout/traffic-plan.js';
import { retrievalSpecSchema } from '../../../src/domain/spec/retrieval-spec.js';
import { buildGateway } from '../../../src/gateway/app.js';
import { systemClock } from '../../../src/gateway/clock.js';
import { letterEmbedder } from '../../activities/support/letter-embedder.js';
import { point } from '../../contract/vector-store-contract.js';
import { openGatewayWorld, type GatewayWorld } from './gateway-world.js';

export const facts = {
  'policies/times.md': 'The next-day cutoff is 14:00.',
  'policies/prices.md': 'Saturday delivery costs 5 pounds extra.',
};

export interface GroundedWorld extends GatewayWorld {
  chunks: EmbeddedChunks;
  /** Fills a version of the index, each document in one chunk. */
  index(collection: string, texts: Record<string, string>, fields?: Record<string, FieldValue>): Promise<void>;
  /** Settings and prompt of a release that retrieves. */
  release(releaseId: string, retrieval?: object, prompt?: object): Promise<void>;
  served(releaseId: string, indexVersion?: string): Target;
  /** A ready gateway over these chunks, or others, closed with the world. */
  grounded(over?: VectorStore | ChunkReader): Promise<FastifyInstance>;
}

/** A gateway's world whose releases retrieve from `policies-1`, which holds `facts`. */
export async function openGroundedWorld(): Promise<GroundedWorld> {
  const world = await openGatewayWorld();
  const chunks = new EmbeddedChunks({ root: join(world.folder, 'indexes') });
  const letters = letterEmbedder();
  const open: FastifyInstance[] = [];
  const index: GroundedWorld['index'] = async (collection, texts, fields = { language: 'en' }) => {
    const embedder = await letters.open();
    const { id, dimension } = embedder;
    await chunks.createCollection({ collection, embedder: id, dimension, fields: { language: 'keyword' } });
    for (const [document, text] of Object.entries(texts)) {
      const [vector] = await embedder.embed({ texts: [text] });
      await chunks.upsert({ collection, points: [point({ document, text, vector: vector!, fields })] });
    }
  };
  await index('policies-1', facts);
  return {
    ...world,
    chunks,
    index,
    release: async (releaseId, retrieval = {}, prompt = { template: '{context}\n\nQuestion: {query}' }) => {
      const settings = { index: 'policies', fields: { language: 'keyword' }, latencyBudget: '5s', topK: 1 };
      const body = Buffer.from(JSON.stringify(retrievalSpecSchema.parse({ ...settings, ...retrieval })));
      await world.store.put({ key: storeKeys.retrieval({ releaseId }), body });
      await world.store.put({ key: storeKeys.prompt({ releaseId }), body: Buffer.from(JSON.stringify(prompt)) });
    },
    served: (releaseId, indexVersion = 'policies-1') => ({ ...world.target(releaseId), indexVersion }),
    grounded: async (over = chunks) => {
      const app = buildGateway({
        ...{ settings: world.settings(), store: world.store, clock: systemClock },
        retrieval: {
          ...{ chunks: over as VectorStore, openEmbedder: letters.open },
          reranker: new RerankEndpoint({ apiKey: null }),
        },
      });
      open.push(app);
      await app.ready();
      return app;
    },
    close: async () => {
      await Promise.all(open.map((app) => app.close()));
      chunks.close();
      await world.close();
    },
  };
}
