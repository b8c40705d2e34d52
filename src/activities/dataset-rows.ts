import { recordCleaner } from '../domain/dataset/clean-record.js';
import { checkColumns, columnRenamer, columnSources } from '../domain/dataset/column-mapping.js';
import type { DeadLetter } from '../domain/dataset/dead-letter.js';
import type { TicketRow } from '../domain/dataset/ticket.js';
import type { DataSpec } from '../domain/spec/data-spec.js';
import { readCsv, readJsonLines } from './dataset-source.js';
import { readText, sourcePath } from './dataset-text.js';
import { heartbeat, throwIfCancelled } from './heartbeat.js';
import { type ArtifactStore, PortError } from './ports.js';

const heartbeatEvery = 500;

export interface CleanRows {
  rows: TicketRow[];
  letters: DeadLetter[];
  read: number;
  /** The source's own column names. */
  columns: string[];
  source: { sha256: string; bytes: number };
}

/**
 * Streams the source and cleans row by row; every row read is either in `rows` or in `letters`.
 * @throws PortError `InvalidInput` for a source that can't be read, or has no rows; DataProblem for missing columns.
 */
export async function readCleanRows({
  data,
  store,
}: {
  data: DataSpec;
  store: Pick<ArtifactStore, 'localPath'>;
}): Promise<CleanRows> {
  const { source, languages } = data;
  const cluster = data.cluster ?? 'customer_id';
  const path = await sourcePath({ uri: source.uri, store });
  const text = readText({ path });
  const sources = columnSources(source.columns);
  const rename = columnRenamer(sources);
  const clean = recordCleaner({ languages });
  const columns = new Set<string>();
  const rows: TicketRow[] = [];
  const letters: DeadLetter[] = [];
  const open = source.kind === 'csv' ? readCsv : readJsonLines;
  for await (const item of open({ chunks: text.chunks, path })) {
    if (item.kind === 'columns') {
      item.columns.forEach((column) => columns.add(column));
      checkColumns({ found: item.columns, sources, cluster });
      continue;
    }
    if (item.kind === 'unreadable') letters.push(item.letter);
    else {
      for (const column of Object.keys(item.record.fields)) columns.add(column);
      const { row, letter } = clean({ ...item.record, fields: rename(item.record.fields) });
      if (row) rows.push(row);
      else letters.push(letter);
    }
    const read = rows.length + letters.length;
    if (read % heartbeatEvery !== 0) continue;
    throwIfCancelled();
    heartbeat({ step: 'reading', read, deadLettered: letters.length });
  }
  const read = rows.length + letters.length;
  if (read === 0) throw new PortError('InvalidInput', `${path}: no rows; expected a header and at least one row`);
  checkColumns({ found: [...columns], sources, cluster });
  return { rows, letters, read, columns: [...columns], source: text.measured() };
}
