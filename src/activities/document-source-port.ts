import type { FieldKind, FieldValue } from '../domain/retrieval/chunk.js';
import type { DocumentSourceSpec } from '../domain/spec/retrieval-spec.js';

/** A document as a source knows it before it is read. */
export interface ListedDocument {
  id: string;
  /** Changes with the content; empty while it can't be read. */
  digest: string;
}

/** A document, or why it can't be indexed; `again` where the next run may find it as it was listed. */
export type LoadedDocument =
  { text: string; fields: Record<string, FieldValue> } | { refused: string; again?: boolean };

/** All documents, found by looking at those alone that changed. */
export interface ChangedDocuments {
  documents: ListedDocument[];
  /** How far this reaches in the source's own log, to be confirmed once an index holds it; null: nothing has changed. */
  position: string | null;
}

/** Where documents come from. Rejects with a `PortError` where the source itself can't be read. */
export interface DocumentSource {
  /** All documents, in the order of their ids. */
  list(input: { source: DocumentSourceSpec }): Promise<ListedDocument[]>;
  /**
   * The same from a source that tells what changed, given the digests of all documents that an index holds; null from
   * one that does not. What is not confirmed is told again.
   */
  changes(input: {
    source: DocumentSourceSpec;
    known: Readonly<Record<string, string>> | null;
  }): Promise<ChangedDocuments | null>;
  /** An index holds everything up to a position; told again, or late, nothing changes. */
  confirm(input: { source: DocumentSourceSpec; position: string }): Promise<void>;
  /** In the order of the ids; one that is gone since, or can't be read, is refused with the reason. */
  load(input: {
    source: DocumentSourceSpec;
    ids: readonly string[];
    fields: Readonly<Record<string, FieldKind>>;
  }): Promise<LoadedDocument[]>;
}
