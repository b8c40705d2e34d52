import { QdrantClient, type Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { PortError } from '../../activities/ports.js';
import type { ChunkPoint, CollectionShape, VectorStore } from '../../activities/vector-store-port.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { sparseChunk, sparseQuery } from '../../domain/retrieval/bm25.js';
import type { ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import { qdrantFailure } from './qdrant-failure.js';
import { qdrantFilter } from './qdrant-filter.js';
import { downloadSnapshot, uploadSnapshot } from './qdrant-snapshots.js';

const pointsPerRequest = 256;
/** The usual words of a chunk, which BM25 measures lengths by; every vector of every collection rests on it. */
const averageWords = 80;

const shapeSchema = z.object({
  embedder: z.string(),
  dimension: z.number(),
  fields: z.record(z.string(), z.enum(['keyword', 'number', 'boolean'])),
});
const payloadSchema = z.object({
  document: z.string(),
  version: z.string(),
  start: z.number(),
  end: z.number(),
  headings: z.array(z.string()),
  text: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
const fieldSchemas = { keyword: 'keyword', number: 'float', boolean: 'bool' } as const;

export interface QdrantOptions {
  url: string;
  apiKey: string | null;
  timeoutMilliseconds?: number;
}

/**
 * Chunks in Qdrant: a named dense vector with scalar quantization, and a named sparse one whose idf Qdrant keeps, so that
 * words are ranked by BM25 in the same collection.
 */
export class Qdrant implements VectorStore {
  private readonly client: QdrantClient;
  private readonly shapes = new Map<string, CollectionShape>();

  private readonly place: { url: string; apiKey: string | null };

  constructor({ url, apiKey, timeoutMilliseconds = 10_000 }: QdrantOptions) {
    this.place = { url, apiKey };
    const key = apiKey === null ? {} : { apiKey };
    // The client's own default of port 6333 must not hide the one in the address.
    const { port, protocol } = new URL(url);
    this.client = new QdrantClient({
      ...{ url, ...key, timeout: timeoutMilliseconds, checkCompatibility: false },
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    });
  }

  async createCollection({ collection, ...shape }: { collection: string } & CollectionShape): Promise<void> {
    const { embedder, dimension, fields } = shape;
    const wanted = { embedder, dimension, fields };
    const stands = await this.describe({ collection });
    if (!stands) await this.make({ collection, shape: wanted });
    const { collection: _name, ...found } = stands ?? { collection, ...wanted };
    if (canonicalJson(found) !== canonicalJson(wanted))
      throw new PortError(
        'Conflict',
        `collection ${collection} has the shape ${canonicalJson(found)}, expected ${canonicalJson(wanted)}; index into a new one`,
      );
    await this.makeIndexes({ collection, shape: wanted });
  }

  async copyCollection({ from, to }: { from: string; to: string }): Promise<void> {
    const shape = await this.shapeOf(from);
    await this.dropCollection({ collection: to });
    await this.createCollection({ collection: to, ...shape });
    for (let after: string | null = null; ;) {
      const points: ChunkPoint[] = await this.scan({ collection: from, after, limit: pointsPerRequest });
      if (points.length === 0) return;
      await this.upsert({ collection: to, points });
      after = points.at(-1)!.chunk.id;
    }
  }

  async upsert({ collection, points }: { collection: string; points: readonly ChunkPoint[] }): Promise<void> {
    for (let start = 0; start < points.length; start += pointsPerRequest) {
      const some = points.slice(start, start + pointsPerRequest).map(({ chunk: { id, ...payload }, vector }) => ({
        ...{ id, payload },
        vector: { dense: [...vector], words: sparseChunk({ chunk: payload, averageWords }) },
      }));
      await this.asked(`write to ${collection}`, () => this.client.upsert(collection, { wait: true, points: some }));
    }
  }

  async removeDocuments({ collection, documents }: { collection: string; documents: readonly string[] }) {
    if (documents.length === 0) return;
    const filter = { must: [{ key: 'document', match: { any: [...documents] } }] };
    await this.asked(`remove from ${collection}`, () => this.client.delete(collection, { wait: true, filter }));
  }

  async count({ collection }: { collection: string }): Promise<number> {
    const { count } = await this.asked(`count ${collection}`, () => this.client.count(collection, { exact: true }));
    return count;
  }

  async scan({ collection, after, limit }: { collection: string; after: string | null; limit: number }) {
    // Qdrant's offset is the first point of the page itself.
    const { points } = await this.asked(`scan ${collection}`, () =>
      this.client.scroll(collection, {
        ...(after === null ? {} : { offset: after }),
        ...{ limit: limit + 1, with_payload: true, with_vector: ['dense'] },
      }),
    );
    const found = points.map(({ id, payload, vector }) => ({
      chunk: { id: String(id), ...payloadSchema.parse(payload) },
      vector: Float32Array.from((vector as { dense: number[] }).dense),
    }));
    return found.filter(({ chunk }) => chunk.id !== after).slice(0, limit);
  }

  /** Qdrant does so by itself. */
  async optimise(): Promise<void> {}

  async describe({ collection }: { collection: string }) {
    const aliases = await this.aliases();
    const name = aliases[collection] ?? collection;
    try {
      const { config } = await this.asked(`look at ${name}`, () => this.client.getCollection(name));
      const shape = shapeSchema.parse((config as { metadata?: unknown }).metadata);
      return { collection: name, ...shape };
    } catch (error) {
      if (error instanceof PortError && error.type === 'NotFound') return null;
      throw error;
    }
  }

  async nearest(input: {
    collection: string;
    vector: Float32Array;
    limit: number;
    filter?: ChunkFilter;
    exact?: boolean;
  }): Promise<ScoredChunk[]> {
    const { collection, vector, limit, filter = [], exact = false } = input;
    await this.checkFields({ collection, filter });
    return await this.found({
      collection,
      query: {
        ...{ query: [...vector], using: 'dense', limit, with_payload: true },
        params: { exact, quantization: { rescore: true, oversampling: 2 } },
      },
      filter,
    });
  }

  async matching(input: { collection: string; query: string; limit: number; filter?: ChunkFilter }) {
    const { collection, query, limit, filter = [] } = input;
    await this.checkFields({ collection, filter });
    const words = sparseQuery(query);
    if (words.indices.length === 0) return [];
    return await this.found({
      collection,
      query: { query: words, using: 'words', limit, with_payload: true },
      filter,
    });
  }

  async fieldValues({ collection, field, limit }: { collection: string; field: string; limit: number }) {
    await this.checkFields({ collection, filter: [{ field, anyOf: [] }] });
    const { hits } = await this.asked(`list values of ${collection}`, () =>
      this.client.facet(collection, { key: `fields.${field}`, limit, exact: true }),
    );
    return hits.map(({ value }) => String(value)).sort();
  }

  async setAlias({ alias, collection }: { alias: string; collection: string }): Promise<void> {
    const known = (await this.aliases())[alias] !== undefined;
    const actions = [
      ...(known ? [{ delete_alias: { alias_name: alias } }] : []),
      { create_alias: { alias_name: alias, collection_name: collection } },
    ];
    // One request: readers see the old collection or the new one.
    await this.asked(`point ${alias} to ${collection}`, () => this.client.updateCollectionAliases({ actions }));
    this.shapes.clear();
  }

  async aliases(): Promise<Record<string, string>> {
    const { aliases } = await this.asked('list aliases', () => this.client.getAliases());
    return Object.fromEntries(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
  }

  async collections(): Promise<string[]> {
    const { collections } = await this.asked('list collections', () => this.client.getCollections());
    return collections.map(({ name }) => name);
  }

  async dropCollection({ collection }: { collection: string }): Promise<void> {
    this.shapes.clear();
    await this.asked(`drop ${collection}`, () => this.client.deleteCollection(collection));
  }

  /** The server's own copy of the snapshot is removed again. */
  async saveSnapshot({ collection, path }: { collection: string; path: string }): Promise<void> {
    const made = await this.asked(`snapshot ${collection}`, () => this.client.createSnapshot(collection));
    const { name } = made!;
    try {
      await downloadSnapshot({ ...this.place, collection, name, path });
    } finally {
      await this.asked(`drop snapshot ${name}`, () => this.client.deleteSnapshot(collection, name));
    }
  }

  async restoreSnapshot({ collection, path }: { collection: string; path: string }): Promise<void> {
    this.shapes.clear();
    await uploadSnapshot({ ...this.place, collection, path });
  }

  private async make({ collection, shape }: { collection: string; shape: CollectionShape }): Promise<void> {
    const quantization_config = { scalar: { type: 'int8' as const, quantile: 0.99, always_ram: true } };
    await this.asked(`create ${collection}`, () =>
      // The client's own method drops the metadata.
      this.client.api().createCollection({
        collection_name: collection,
        vectors: { dense: { size: shape.dimension, distance: 'Cosine', quantization_config } },
        sparse_vectors: { words: { modifier: 'idf' } },
        metadata: { ...shape },
      }),
    );
  }

  /** Get or create: a worker may have died between the collection and its indexes. */
  private async makeIndexes({ collection, shape }: { collection: string; shape: CollectionShape }): Promise<void> {
    const indexes = Object.entries(shape.fields).map(
      ([field, kind]) => [`fields.${field}`, fieldSchemas[kind]] as const,
    );
    for (const [field_name, field_schema] of [['document', 'keyword'] as const, ...indexes])
      await this.asked(`index ${field_name} of ${collection}`, () =>
        this.client.createPayloadIndex(collection, { wait: true, field_name, field_schema }),
      );
  }

  private async found(input: { collection: string; query: Schemas['QueryRequest']; filter: ChunkFilter }) {
    const { collection, query, filter } = input;
    const wanted = qdrantFilter(filter);
    const { points } = await this.asked(`search ${collection}`, () =>
      this.client.query(collection, { ...query, ...(wanted ? { filter: wanted } : {}) }),
    );
    return points.map(({ id, score, payload }) => ({
      chunk: { id: String(id), ...payloadSchema.parse(payload) },
      score,
    }));
  }

  private async checkFields({ collection, filter }: { collection: string; filter: ChunkFilter }): Promise<void> {
    if (filter.length === 0) return;
    const unknownIn = ({ fields }: CollectionShape): string[] =>
      filter.map(({ field }) => field).filter((field) => !Object.hasOwn(fields, field));
    if (unknownIn(await this.shapeOf(collection)).length === 0) return;
    // An alias may have moved on since.
    this.shapes.delete(collection);
    const shape = await this.shapeOf(collection);
    const unknown = unknownIn(shape);
    const { fields } = shape;
    if (unknown.length > 0)
      throw new PortError(
        'InvalidInput',
        `collection ${collection} has no field ${unknown.join(', ')}; it has ${Object.keys(fields).join(', ') || 'none'}`,
      );
  }

  private async shapeOf(collection: string): Promise<CollectionShape> {
    const known = this.shapes.get(collection);
    if (known) return known;
    const found = await this.describe({ collection });
    if (!found) throw new PortError('NotFound', `no collection ${collection} in Qdrant; run understudy index`);
    const { collection: _name, ...shape } = found;
    this.shapes.set(collection, shape);
    return shape;
  }

  private async asked<Result>(what: string, ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      throw qdrantFailure({ what: `Qdrant: ${what}`, error });
    }
  }
}
