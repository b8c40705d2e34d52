import type { Chunk, ChunkFilter, FieldKind, ScoredChunk } from '../domain/retrieval/chunk.js';

/** A chunk with its vector of length 1. */
export interface ChunkPoint {
  chunk: Chunk;
  vector: Float32Array;
}

/** What a collection was made for; what is asked of it must fit. */
export interface CollectionShape {
  /** Name and revision of the model whose vectors it holds. */
  embedder: string;
  dimension: number;
  /** The fields that filters may name. */
  fields: Record<string, FieldKind>;
}

/** What retrieval asks of a store. `collection` may be an alias. Rejects with a `PortError`, `NotFound` for no collection. */
export interface ChunkReader {
  /** Null where no such collection or alias stands. */
  describe(input: { collection: string }): Promise<(CollectionShape & { collection: string }) | null>;
  /** The nearest by cosine, best first. */
  nearest(input: {
    collection: string;
    vector: Float32Array;
    limit: number;
    filter?: ChunkFilter;
    /** True searches every vector, without the index: what recall is measured against. */
    exact?: boolean;
    signal?: AbortSignal;
  }): Promise<ScoredChunk[]>;
  /** The best matches of the query's words by BM25, best first. Empty where the store keeps no words. */
  matching(input: {
    collection: string;
    query: string;
    limit: number;
    filter?: ChunkFilter;
    signal?: AbortSignal;
  }): Promise<ScoredChunk[]>;
  /** The different values of a keyword field, in order; at most so many. */
  fieldValues(input: { collection: string; field: string; limit: number }): Promise<string[]>;
  /**
   * Only for stores that embed questions by themselves, such as a knowledge base: the best for the question's text. They
   * are asked by nothing else, and no embedder has to fit them.
   */
  search?(input: {
    collection: string;
    question: string;
    limit: number;
    filter?: ChunkFilter;
    signal?: AbortSignal;
  }): Promise<ScoredChunk[]>;
}

/** A store of chunks by vectors and words. Every write may be repeated with the same effect. */
export interface VectorStore extends ChunkReader {
  /**
   * Get or create.
   * @throws PortError `Conflict` where one of another shape stands
   */
  createCollection(input: { collection: string } & CollectionShape): Promise<void>;
  /**
   * A new collection with the points of another, of the same shape; what stands under its name is dropped first.
   * @throws PortError `NotFound` where the other does not stand
   */
  copyCollection(input: { from: string; to: string }): Promise<void>;
  /** Writes over points of the same id; durable when it returns. */
  upsert(input: { collection: string; points: readonly ChunkPoint[] }): Promise<void>;
  /** Removes all chunks of the documents; those that are not there are no error. */
  removeDocuments(input: { collection: string; documents: readonly string[] }): Promise<void>;
  count(input: { collection: string }): Promise<number>;
  /** Points in the order of their ids, vectors included, from after an id on. */
  scan(input: { collection: string; after: string | null; limit: number }): Promise<ChunkPoint[]>;
  /** Brings search structures up to date after a run of writes; cheap where there is nothing to do. */
  optimise(input: { collection: string }): Promise<void>;
  /** Points an alias to a collection; readers see the old one or the new one, never neither. */
  setAlias(input: { alias: string; collection: string }): Promise<void>;
  /** Every alias and the collection behind it. */
  aliases(): Promise<Record<string, string>>;
  collections(): Promise<string[]>;
  /** Removing what is not there is no error. */
  dropCollection(input: { collection: string }): Promise<void>;
  /** Only of stores that are servers of their own: writes all of a collection into a file. */
  saveSnapshot?(input: { collection: string; path: string }): Promise<void>;
  /** A collection as it was when the file was written. */
  restoreSnapshot?(input: { collection: string; path: string }): Promise<void>;
}
