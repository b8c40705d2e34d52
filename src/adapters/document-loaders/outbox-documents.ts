import type { ListedDocument, LoadedDocument } from '../../activities/document-source-port.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import type { FieldKind } from '../../domain/retrieval/chunk.js';
import type { DocumentSourceSpec } from '../../domain/spec/retrieval-spec.js';
import { withPostgres } from './postgres-place.js';
import { documentOf } from './row-documents.js';

/**
 * Documents whose last entry is not a deletion. An outbox table is what the writers of documents append to in the
 * transaction of their change: `(sequence bigint primary key, document text, text text null, fields jsonb)`, a null text
 * for a deletion. The entry with the highest sequence of a document counts, so that entries read twice, or read late,
 * change nothing.
 */
export const listOutbox = ({ source }: { source: DocumentSourceSpec }): Promise<ListedDocument[]> =>
  withPostgres({
    source,
    ask: async ({ client, table }) => {
      const { rows } = await client.query<{ document: string; text: string; fields: string | null }>(
        `SELECT document, text, fields::text AS fields FROM
           (SELECT DISTINCT ON (document) document, text, fields FROM ${table} ORDER BY document, sequence DESC) AS last
         WHERE text IS NOT NULL`,
      );
      return rows
        .map(({ document, text, fields }) => ({ id: document, digest: sha256Hex(`${text}\0${fields ?? ''}`) }))
        .sort((one, other) => (one.id < other.id ? -1 : 1));
    },
  });

export const loadFromOutbox = (input: {
  source: DocumentSourceSpec;
  ids: readonly string[];
  fields: Readonly<Record<string, FieldKind>>;
}): Promise<LoadedDocument[]> =>
  withPostgres({
    source: input.source,
    ask: async ({ client, table }) => {
      const { rows } = await client.query<{ document: string; text: string | null; fields: object | null }>(
        `SELECT DISTINCT ON (document) document, text, fields FROM ${table}
         WHERE document = ANY($1) ORDER BY document, sequence DESC`,
        [[...input.ids]],
      );
      const last = new Map(rows.map((row) => [row.document, row]));
      const source = { ...input.source, columns: { id: 'document', text: 'text' } };
      return input.ids.map((id) => {
        const row = last.get(id);
        const live = row && row.text !== null ? { ...row.fields, text: row.text } : undefined;
        return documentOf({ row: live, source, fields: input.fields });
      });
    },
  });
