import type { ChangedDocuments, ListedDocument, LoadedDocument } from '../../activities/document-source-port.js';
import type { FieldKind } from '../../domain/retrieval/chunk.js';
import type { DocumentSourceSpec } from '../../domain/spec/retrieval-spec.js';
import { withPostgres, type PostgresPlace } from './postgres-place.js';
import { confirmed, openSlot, slotChanges } from './replication-slot.js';
import { documentOf } from './row-documents.js';

/** The rows of a table in PostgreSQL, each a document; its digest is the row's, made where the row is. */
export const listTable = ({ source }: { source: DocumentSourceSpec }): Promise<ListedDocument[]> =>
  withPostgres({ source, ask: (place) => digests({ place, source, ids: null }) });

async function digests(input: {
  place: PostgresPlace;
  source: DocumentSourceSpec;
  ids: readonly string[] | null;
}): Promise<ListedDocument[]> {
  const { place, source, ids } = input;
  const { client, table } = place;
  const id = client.escapeIdentifier(source.columns.id);
  const { rows } = await client.query<ListedDocument>(
    `SELECT t.${id}::text AS id, encode(sha256(convert_to(to_jsonb(t)::text, 'UTF8')), 'hex') AS digest
     FROM ${table} AS t WHERE $1::text[] IS NULL OR t.${id}::text = ANY($1)`,
    [ids],
  );
  return byId(rows);
}

const byId = (documents: readonly ListedDocument[]): ListedDocument[] =>
  [...documents].sort((one, other) => (one.id < other.id ? -1 : 1));

export const loadFromTable = (input: {
  source: DocumentSourceSpec;
  ids: readonly string[];
  fields: Readonly<Record<string, FieldKind>>;
}): Promise<LoadedDocument[]> =>
  withPostgres({
    source: input.source,
    ask: async ({ client, table }) => {
      const { source, ids, fields } = input;
      const id = client.escapeIdentifier(source.columns.id);
      const { rows } = await client.query<{ id: string; row: Record<string, unknown> }>(
        `SELECT t.${id}::text AS id, to_jsonb(t) AS row FROM ${table} AS t WHERE t.${id}::text = ANY($1)`,
        [[...ids]],
      );
      const found = new Map(rows.map((one) => [one.id, one.row]));
      return ids.map((one) => documentOf({ row: found.get(one), source, fields }));
    },
  });

/**
 * What changed by the source's replication slot since a position was last confirmed: those rows alone are looked at.
 * All of them where the slot is new, nothing is known yet, or a change does not name its row. At least once: until it is
 * confirmed, a change is told again, and the row as it is now counts, so that nothing of it depends on the order.
 */
export const changesOfTable = ({
  source,
  slot,
  known,
}: {
  source: DocumentSourceSpec;
  slot: string;
  known: Readonly<Record<string, string>> | null;
}): Promise<ChangedDocuments> =>
  withPostgres({
    source,
    ask: async (place) => {
      const { isNew, position: begin } = await openSlot({ place, slot });
      const { position, ids } = await slotChanges({ place, slot, idColumn: source.columns.id });
      const all = isNew || known === null || ids === 'all';
      if (all) return { documents: await digests({ place, source, ids: null }), position: position ?? begin };
      const kept = Object.entries(known)
        .filter(([id]) => !ids.has(id))
        .map(([id, digest]) => ({ id, digest }));
      const looked = ids.size === 0 ? [] : await digests({ place, source, ids: [...ids] });
      return { documents: byId([...kept, ...looked]), position };
    },
  });

/** Lets the server forget what came before a position; again, or late, nothing changes. */
export const confirmChanges = (input: { source: DocumentSourceSpec; slot: string; position: string }): Promise<void> =>
  withPostgres({ source: input.source, ask: (place) => confirmed({ place, ...input }) });
