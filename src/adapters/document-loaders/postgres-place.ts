import { Client } from 'pg';
import { PortError } from '../../activities/ports.js';
import { shownUri } from '../../domain/spec/source-uri.js';
import type { DocumentSourceSpec } from '../../domain/spec/retrieval-spec.js';

/** A connection to the database of a source, and the name of its table as SQL writes it. */
export interface PostgresPlace {
  client: Client;
  table: string;
}

/**
 * Asks the database of a source, over a connection of its own.
 * @throws PortError `InvalidInput` for what the server refuses, `Unauthorised` for who we are, else `Unavailable`
 */
export async function withPostgres<Value>({
  source: { kind, uri, table },
  ask,
}: {
  source: DocumentSourceSpec;
  ask: (place: PostgresPlace) => Promise<Value>;
}): Promise<Value> {
  const client = new Client({ connectionString: uri, connectionTimeoutMillis: 10_000 });
  // A connection that is lost between two questions is reported by the next one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const name = table
      .split('.')
      .map((part) => client.escapeIdentifier(part))
      .join('.');
    return await ask({ client, table: name });
  } catch (error) {
    if (error instanceof PortError) throw error;
    const code = (error as { code?: string }).code ?? '';
    const type = code.startsWith('42') ? 'InvalidInput' : code.startsWith('28') ? 'Unauthorised' : 'Unavailable';
    throw new PortError(type, `${kind} ${table} at ${shownUri(uri)}: ${(error as Error).message}`, null, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
