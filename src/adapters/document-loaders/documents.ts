import type {
  ChangedDocuments,
  DocumentSource,
  ListedDocument,
  LoadedDocument,
} from '../../activities/document-source-port.js';
import type { FieldKind } from '../../domain/retrieval/chunk.js';
import type { DocumentSourceSpec } from '../../domain/spec/retrieval-spec.js';
import { listFolder, loadFromFolder } from './folder-documents.js';
import { listOutbox, loadFromOutbox } from './outbox-documents.js';
import { listRows, loadRows } from './row-documents.js';
import { changesOfTable, confirmChanges, listTable, loadFromTable } from './table-documents.js';

/** Documents from folders, files of rows, tables and outbox tables. */
export class Documents implements DocumentSource {
  async list({ source }: { source: DocumentSourceSpec }): Promise<ListedDocument[]> {
    switch (source.kind) {
      case 'folder':
        return await listFolder({ folder: source.uri });
      case 'csv':
      case 'jsonl':
        return await listRows({ source });
      case 'outbox':
        return await listOutbox({ source });
      case 'table':
        return await listTable({ source });
    }
  }

  async changes({ source, known }: Parameters<DocumentSource['changes']>[0]): Promise<ChangedDocuments | null> {
    const { kind, slot } = source;
    if (kind !== 'table' || slot === null) return null;
    return await changesOfTable({ source, slot, known });
  }

  async confirm({ source, position }: Parameters<DocumentSource['confirm']>[0]): Promise<void> {
    const { slot } = source;
    if (slot !== null) await confirmChanges({ source, slot, position });
  }

  async load(input: {
    source: DocumentSourceSpec;
    ids: readonly string[];
    fields: Readonly<Record<string, FieldKind>>;
  }): Promise<LoadedDocument[]> {
    const { source, ids } = input;
    switch (source.kind) {
      case 'folder':
        return await loadFromFolder({ folder: source.uri, ids });
      case 'csv':
      case 'jsonl':
        return await loadRows(input);
      case 'outbox':
        return await loadFromOutbox(input);
      case 'table':
        return await loadFromTable(input);
    }
  }
}
