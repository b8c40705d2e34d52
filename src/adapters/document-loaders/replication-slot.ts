import { setTimeout as sleep } from 'node:timers/promises';
import type { Pgoutput } from 'pg-logical-replication';
import { PortError } from '../../activities/ports.js';
import type { PostgresPlace } from './postgres-place.js';

/** Changes of one look; the server ends it with a whole transaction. */
const mostChanges = 50_000;
const visibleAttempts = 100;

/**
 * The slot of this name with a publication of the same name, made where they are not there yet (PostgreSQL
 * documentation, Logical Decoding Concepts: a slot keeps every change since it was made).
 */
export async function openSlot({ place: { client, table }, slot }: { place: PostgresPlace; slot: string }) {
  const { rows: publications } = await client.query('SELECT 1 FROM pg_publication WHERE pubname = $1', [slot]);
  if (publications.length === 0)
    await client.query(`CREATE PUBLICATION ${client.escapeIdentifier(slot)} FOR TABLE ${table}`);
  const { rows } = await client.query<{ position: string; wal_status: string | null }>(
    'SELECT confirmed_flush_lsn::text AS position, wal_status FROM pg_replication_slots WHERE slot_name = $1',
    [slot],
  );
  const [stands] = rows;
  if (stands?.wal_status === 'lost')
    throw new PortError(
      'InvalidInput',
      `replication slot ${slot} fell so far behind that the server dropped its changes (max_slot_wal_keep_size); drop it with pg_drop_replication_slot: it is made anew, and every row is looked at once`,
    );
  if (stands) return { isNew: false, position: stands.position };
  const { rows: made } = await client.query<{ position: string }>(
    "SELECT lsn::text AS position FROM pg_create_logical_replication_slot($1, 'pgoutput')",
    [slot],
  );
  return { isNew: true, position: made[0]!.position };
}

interface RawChange {
  xid: string;
  data: Buffer;
}

/** The ids of the rows that changed, and how far that reaches; a null position: nothing has changed. */
export async function slotChanges({
  place: { client },
  slot,
  idColumn,
}: {
  place: PostgresPlace;
  slot: string;
  idColumn: string;
}): Promise<{ ids: ReadonlySet<string> | 'all'; position: string | null }> {
  const { rows } = await client.query<RawChange>(
    `SELECT xid::text AS xid, data
     FROM pg_logical_slot_peek_binary_changes($1, NULL, $2, 'proto_version', '1', 'publication_names', $3)`,
    [slot, mostChanges, client.escapeIdentifier(slot)],
  );
  // Loaded by its first use: few processes follow a table.
  const { PgoutputPlugin } = await import('pg-logical-replication');
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [slot] });
  const ids = new Set<string>();
  let isWhole = true;
  let position: string | null = null;
  for (const { data } of rows) {
    const message = plugin.parse(data);
    if (message.tag === 'commit') position = message.commitEndLsn;
    else if (message.tag === 'truncate') isWhole = false;
    else if (message.tag === 'insert' || message.tag === 'update' || message.tag === 'delete') {
      const named = idsOf({ message, idColumn });
      if (named.length === 0) isWhole = false;
      for (const id of named) ids.add(id);
    }
  }
  await untilVisible({ client, transactions: new Set(rows.map(({ xid }) => Number(xid))) });
  return { ids: isWhole ? ids : 'all', position };
}

/** The row before and after, which differ where its id was changed. */
function idsOf(input: {
  message: Pgoutput.MessageInsert | Pgoutput.MessageUpdate | Pgoutput.MessageDelete;
  idColumn: string;
}): string[] {
  const { message, idColumn } = input;
  const before = message.tag === 'insert' ? null : (message.old ?? message.key);
  const after = message.tag === 'delete' ? null : message.new;
  return [before, after].flatMap((row) => {
    const value = (row as Record<string, unknown> | null)?.[idColumn];
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  });
}

/** A change may be told a moment before queries see it: its row would be read as it was, and never again. */
async function untilVisible({ client, transactions }: Pick<PostgresPlace, 'client'> & { transactions: Set<number> }) {
  if (transactions.size === 0) return;
  for (let attempt = 0; attempt < visibleAttempts; attempt += 1) {
    const { rows } = await client.query<{ open: string[]; next: string }>(
      `SELECT ARRAY(SELECT pg_snapshot_xip(now)::text) AS open, pg_snapshot_xmax(now)::text AS next
       FROM pg_current_snapshot() AS now`,
    );
    const { open, next } = rows[0]!;
    const running = new Set(open.map(shortened));
    // The log knows the lower 32 bits of a transaction; which of two is the later one their difference says.
    const isSeen = (one: number): boolean => !running.has(one) && ((one - shortened(next)) | 0) < 0;
    if ([...transactions].every(isSeen)) return;
    await sleep(50);
  }
  throw new PortError('Unavailable', 'changes that were told are not visible yet; try again');
}

const shortened = (transaction: string): number => Number(BigInt.asUintN(32, BigInt(transaction)));

export async function confirmed({
  place: { client },
  slot,
  position,
}: {
  place: PostgresPlace;
  slot: string;
  position: string;
}): Promise<void> {
  await client.query(
    `SELECT pg_replication_slot_advance(slot_name, $2::pg_lsn) FROM pg_replication_slots
     WHERE slot_name = $1 AND confirmed_flush_lsn < $2::pg_lsn`,
    [slot, position],
  );
}
