import type { FieldKind, FieldValue } from '../domain/retrieval/chunk.js';
import type { DocumentSourceSpec } from '../domain/spec/retrieval-spec.js';

/** A document as a source knows it before it is read. */
export interface ListedDocument {
  id: string;
  /** Changes with the content. */
  digest: string;
}

/** A document, or why it can't be indexed. */
export type LoadedDocument = { text: string; fields: Record<string, FieldValue> } | { refused: string };

/** Where documents come from. Rejects with a `PortError` where the source itself can't be read. */
export interface DocumentSource {
  /** All documents, in the order of their ids. */
  list(input: { source: DocumentSourceSpec }): Promise<ListedDocument[]>;
  /** In the order of the ids; one that is gone since, or can't be read, is refused with the reason. */
  load(input: {
    source: DocumentSourceSpec;
    ids: readonly string[];
    fields: Readonly<Record<string, FieldKind>>;
  }): Promise<LoadedDocument[]>;
}
