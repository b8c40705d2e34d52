import { join } from 'node:path';
import type { TimeWindow } from '../domain/dataset/time-window.js';
import type { SourceSpec } from '../domain/spec/data-spec.js';
import { shownUri } from '../domain/spec/source-uri.js';
import { createLineWriter } from './dataset-files.js';
import { readParquetRows } from './dataset-parquet.js';
import { readCsv, readJsonLines, type SourceItem } from './dataset-source.js';
import { digestFile, readText, sourcePath } from './dataset-text.js';
import type { DataSources } from './data-sources-port.js';
import type { ArtifactStore } from './ports.js';

/** Largest source that is copied to this machine, in bytes. */
const largestSource = 50 * 1024 ** 3;

/** Says how far a run is; throws where it was cancelled. */
export type Pulse = (details: { step: string; read?: number; rows?: number; deadLettered?: number }) => void;

const rowsBetweenPulses = 1000;

export interface OpenedSource {
  /** What messages call it; never with a password. */
  name: string;
  items: AsyncIterable<SourceItem>;
  /** Digest and size of the bytes that were read, complete once the items have been. */
  measured: () => Promise<{ sha256: string; bytes: number }>;
}

const isRemote = (uri: string): boolean => /^(?:s3|https?):\/\//.test(uri);

/**
 * Opens the source of a spec. What lies elsewhere is copied into `folder` first, as a whole, so that a source that
 * breaks off in the middle is never taken for a short one.
 *
 * @param id the source's column that identifies a row, which orders the rows of a query
 * @param needed the source's columns that anything is made of; others need not be read where a file can do without
 * @throws PortError `InvalidInput` for a source that can't be read
 */
export async function openSource({
  source,
  id,
  needed,
  window,
  sources,
  store,
  folder,
  pulse,
}: {
  source: SourceSpec;
  id: string;
  needed: readonly string[];
  window: TimeWindow | null;
  sources: DataSources;
  store: Pick<ArtifactStore, 'localPath'>;
  folder: string;
  pulse: Pulse;
}): Promise<OpenedSource> {
  if (source.kind === 'postgres') return await openQuery({ source, id, window, sources, folder, pulse });
  let path = join(folder, `source.${source.kind}`);
  if (isRemote(source.uri)) {
    const onProgress = (bytes: number): void => pulse({ step: `copying (${Math.round(bytes / 1e6)} MB)` });
    await sources.download({ uri: source.uri, path, maximumBytes: largestSource, onProgress });
  } else path = await sourcePath({ uri: source.uri, store });
  const name = isRemote(source.uri) ? shownUri(source.uri) : path;
  if (source.kind === 'parquet')
    return { name, items: readParquetRows({ path, name, only: needed }), measured: () => digestFile({ path }) };
  const text = readText({ path, name });
  const open = source.kind === 'csv' ? readCsv : readJsonLines;
  return { name, items: open({ chunks: text.chunks, path: name }), measured: async () => text.measured() };
}

/** The rows of a query, kept as JSON lines: their digest is that of the source. */
async function openQuery({
  source,
  id,
  window,
  sources,
  folder,
  pulse,
}: {
  source: SourceSpec & { kind: 'postgres' };
  id: string;
  window: TimeWindow | null;
  sources: DataSources;
  folder: string;
  pulse: Pulse;
}): Promise<OpenedSource> {
  const { uri, query, timeColumn } = source;
  const path = join(folder, 'source.jsonl');
  const writer = createLineWriter({ path });
  for await (const row of sources.query({ uri, query, timeColumn, window, orderBy: id })) {
    await writer.write(JSON.stringify(row));
    if (writer.lines % rowsBetweenPulses === 0) pulse({ step: 'querying', read: writer.lines });
  }
  const { sha256, bytes } = await writer.close();
  const text = readText({ path, name: 'data.source.query' });
  return {
    name: 'data.source.query',
    items: readJsonLines({ chunks: text.chunks, path: 'data.source.query' }),
    measured: async () => ({ sha256, bytes }),
  };
}
