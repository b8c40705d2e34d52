import { digestOf } from '../release/evidence.js';
import type { FieldKind } from './chunk.js';
import type { ChunkPlan } from './chunkers/chunk-document.js';

/** What makes two versions of an index comparable chunk by chunk. */
export interface IndexShape {
  embedder: string;
  dimension: number;
  chunk: ChunkPlan;
  fields: Record<string, FieldKind>;
}

/** An index version as it was built: which documents are in it, and why others are not. */
export interface IndexManifest {
  version: string;
  shape: IndexShape;
  /** Digest and number of chunks of each document, by its id. */
  documents: Record<string, { digest: string; chunks: number }>;
  deadLetters: DeadDocument[];
}

export interface DeadDocument {
  document: string;
  reason: string;
}

export interface IndexPlan {
  version: string;
  shape: IndexShape;
  /** The version whose unchanged documents are taken over; null builds all. */
  from: string | null;
  /** Documents that are kept with the chunks they have. */
  kept: Record<string, { digest: string; chunks: number }>;
  /** Inserted or updated, in order. */
  changed: { id: string; digest: string }[];
  removed: string[];
  /** What the source is told once this version is in use; null: nothing. */
  position: string | null;
}

/**
 * What a new version of an index takes, given the one in use. The version's name is the digest of its content: the same
 * documents cut and embedded the same way are the same version, whoever builds it and however often.
 */
export function planIndex({
  index,
  shape,
  documents,
  current,
  position = null,
}: {
  index: string;
  shape: IndexShape;
  documents: readonly { id: string; digest: string }[];
  current: IndexManifest | null;
  position?: string | null;
}): IndexPlan {
  const content = documents.map(({ id, digest }) => [id, digest]);
  const version = `${index}-${digestOf({ shape, content }).slice(0, 12)}`;
  const comparable = current !== null && digestOf(current.shape) === digestOf(shape) ? current : null;
  const known = comparable?.documents ?? {};
  const wanted = new Set(documents.map(({ id }) => id));
  const isKept = ({ id, digest }: { id: string; digest: string }): boolean =>
    Object.hasOwn(known, id) && known[id]!.digest === digest;
  return {
    version,
    shape,
    from: comparable?.version ?? null,
    kept: Object.fromEntries(documents.filter(isKept).map(({ id }) => [id, known[id]!])),
    changed: documents.filter((one) => !isKept(one)).map(({ id, digest }) => ({ id, digest })),
    removed: Object.keys(known).filter((id) => !wanted.has(id)),
    position,
  };
}
