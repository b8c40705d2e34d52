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

/** The digest of a document that could not be read as it was listed, so that the next run reads it again. */
export const notRead = '';

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
  /** The version whose unchanged documents are taken over, itself where it was built before; null builds all. */
  from: string | null;
  /** Documents that are kept with the chunks they have. */
  kept: Record<string, { digest: string; chunks: number }>;
  /** Inserted or updated, in order. */
  changed: { id: string; digest: string }[];
  removed: string[];
  /** Versions of the same content that were dropped behind our back: their names will lead to this one. */
  lost: string[];
  /** What the source is told once this version is in use; null: nothing. */
  position: string | null;
}

/** What an index is made of: its documents, cut and embedded in one way. */
interface IndexContent {
  index: string;
  shape: IndexShape;
  documents: readonly { id: string; digest: string }[];
}

/**
 * The name of a version: the digest of its content, so that the same documents cut and embedded the same way are the same
 * version, whoever builds it and however often. `attempt` counts the versions of this name that were built and lack one
 * of the documents.
 */
export function versionName({ index, shape, documents, attempt }: IndexContent & { attempt: number }): string {
  const content = documents.map(({ id, digest }) => [id, digest]);
  return `${index}-${digestOf({ shape, content, ...(attempt > 0 && { attempt }) }).slice(0, 12)}`;
}

/** Whether a version that was built holds these documents and no others, each as it is now. */
export const holdsExactly = ({
  manifest: { documents: held },
  documents,
}: {
  manifest: IndexManifest;
  documents: IndexContent['documents'];
}): boolean =>
  Object.keys(held).length === documents.length &&
  documents.every(({ id, digest }) => Object.hasOwn(held, id) && held[id]!.digest === digest);

/** What a version of an index takes, given the one in use and, where there is one, what was built of it before. */
export function planIndex({
  version,
  shape,
  documents,
  current,
  built,
  lost,
  position,
}: Omit<IndexContent, 'index'> & {
  version: string;
  current: IndexManifest | null;
  /** The version itself, complete from an earlier run. */
  built: IndexManifest | null;
  lost: string[];
  position: string | null;
}): IndexPlan {
  const comparable = current !== null && digestOf(current.shape) === digestOf(shape) ? current : null;
  const base = built ?? comparable;
  const known = base?.documents ?? {};
  const wanted = new Set(documents.map(({ id }) => id));
  const isKept = ({ id, digest }: { id: string; digest: string }): boolean =>
    Object.hasOwn(known, id) && known[id]!.digest === digest;
  return {
    version,
    shape,
    from: base?.version ?? null,
    kept: Object.fromEntries(documents.filter(isKept).map(({ id }) => [id, known[id]!])),
    changed: documents.filter((one) => !isKept(one)).map(({ id, digest }) => ({ id, digest })),
    removed: Object.keys(known).filter((id) => !wanted.has(id)),
    lost,
    position,
  };
}
