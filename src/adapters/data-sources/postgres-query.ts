import { Client, escapeIdentifier, types } from 'pg';
import Cursor from 'pg-cursor';
import type { DataSources } from '../../activities/data-sources-port.js';
import { PortError } from '../../activities/ports.js';

const rowsAtOnce = 1000;

const typeIds = { int8: 20, date: 1082, timestamp: 1114, timestamptz: 1184, numeric: 1700 } as const;

/** What JavaScript knows no time for, such as infinity, stays as it is written and ends as a dead letter. */
const isoOf = ({ text, written }: { text: string; written: string }): string => {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? written : time.toISOString();
};

/** Times as ISO 8601 in UTC, one without a zone being UTC, whatever the zone of this machine is. */
function parserOf(typeId: number): (text: string) => unknown {
  switch (typeId) {
    case typeIds.date:
      return (text) => text;
    case typeIds.timestamp:
      return (written) => isoOf({ text: `${written.replace(' ', 'T')}Z`, written });
    case typeIds.timestamptz:
      return (written) => isoOf({ text: written.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'), written });
    case typeIds.int8:
    case typeIds.numeric:
      return (text) => (Number.isSafeInteger(Number(text)) || /\./.test(text) ? Number(text) : text);
    default:
      return types.getTypeParser(typeId) as (text: string) => unknown;
  }
}

/**
 * Reads a query through a cursor, in one read-only transaction, ordered by the text of a column in byte order and, where
 * that stands twice, of the row: the same rows give the same bytes on every server. The window is laid around the query,
 * [from, to); its column must hold times, since texts of times don't sort as times do.
 * @throws PortError `Unavailable` when the server is gone, `InvalidInput` for a query that it refuses.
 */
export async function* queryPostgres({
  uri,
  query,
  timeColumn,
  window,
  orderBy,
}: Parameters<DataSources['query']>[0]): AsyncGenerator<Record<string, unknown>> {
  const client = new Client({ connectionString: uri, types: { getTypeParser: parserOf } });
  // A connection that is lost between two reads is reported by the next read.
  client.on('error', () => undefined);
  const at = escapeIdentifier(timeColumn);
  const inside = window === null ? '' : ` WHERE ${at} >= $1::timestamptz AND ${at} < $2::timestamptz`;
  const order = `${escapeIdentifier(orderBy)}::text COLLATE "C", (source.*)::text COLLATE "C"`;
  // On lines of its own, so that a comment at its end hides nothing.
  const text = `SELECT * FROM (\n${query.replace(/;\s*$/, '')}\n) AS source${inside} ORDER BY ${order}`;
  try {
    await client.connect();
    await client.query("SET TIME ZONE 'UTC'");
    await client.query("SET DateStyle = 'ISO'");
    await client.query('BEGIN READ ONLY');
    const cursor = client.query(
      new Cursor<Record<string, unknown>>(text, window === null ? [] : [window.from, window.to]),
    );
    for (;;) {
      const rows = await cursor.read(rowsAtOnce);
      if (rows.length === 0) break;
      yield* rows;
    }
    await cursor.close();
    await client.query('COMMIT');
  } catch (error) {
    throw failureOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Classes of SQLSTATE whose messages speak of the query and the server alone (PostgreSQL, Appendix A). Those of the
 * others, such as "invalid input syntax for type integer", quote the value that did not fit.
 */
const classesWithoutValues = ['08', '0A', '25', '28', '3D', '3F', '42', '53', '57'];

function failureOf(error: unknown): unknown {
  if (error instanceof PortError) return error;
  const { code, message } = error as Error & { code?: string };
  const state = /^[0-9A-Z]{5}$/.test(code ?? '') ? code! : null;
  if (state === null || state.startsWith('08') || state.startsWith('57') || state.startsWith('53'))
    return new PortError('Unavailable', `data.source.uri: PostgreSQL does not answer (${message || code})`, null, {
      cause: error,
    });
  if (state.startsWith('28'))
    return new PortError('Unauthorised', `data.source.uri: PostgreSQL refuses the log-in (${message}); set PGPASSWORD`);
  if (classesWithoutValues.includes(state.slice(0, 2)))
    return new PortError('InvalidInput', `data.source.query: PostgreSQL refuses it (${state} ${message})`);
  // Without the cause too: histories keep its message.
  return new PortError(
    'InvalidInput',
    `data.source.query: PostgreSQL stopped it with SQLSTATE ${state}. Its message may quote values of rows and is left ` +
      'out; run the query in psql to read it',
  );
}
