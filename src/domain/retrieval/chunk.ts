/** A value that a filter may ask for; fields are typed by the spec's `retrieval.fields`. */
export type FieldValue = string | number | boolean;

/** A piece of a document as it is indexed and cited. `text` is the document's text from `start` to `end`. */
export interface Chunk {
  /** UUIDv5 of document, version and offsets: the same piece always has the same id. */
  id: string;
  document: string;
  /** SHA-256 of the document's text that the offsets count in. */
  version: string;
  /** Offsets in UTF-16 code units, `end` exclusive. */
  start: number;
  end: number;
  /** The headings above the piece, the outermost first. */
  headings: string[];
  text: string;
  fields: Record<string, FieldValue>;
}

/** A chunk and what one retrieval step made of it; higher is better. */
export interface ScoredChunk {
  chunk: Chunk;
  score: number;
}

export type FieldKind = 'keyword' | 'number' | 'boolean';

/** One condition on a field; all conditions of a filter must hold. */
export type FieldCondition =
  | { field: string; anyOf: FieldValue[] }
  | { field: string; noneOf: FieldValue[] }
  | { field: string; atLeast?: number; atMost?: number };

export type ChunkFilter = readonly FieldCondition[];
