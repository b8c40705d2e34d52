import Database from 'libsql';
import type { ChunkPoint, CollectionShape } from '../../activities/vector-store-port.js';
import type { Chunk, ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import { chunkWords, queryWords } from '../../domain/retrieval/terms.js';
import { fieldPath, filterSql } from './filter-sql.js';

interface Row {
  n: number;
  id: string;
  document: string;
  version: string;
  start: number;
  end: number;
  headings: string;
  text: string;
  fields: string;
}

const columns = ['n', 'id', 'document', 'version', 'start', '"end"', 'headings', 'text', 'fields']
  .map((name) => `chunks.${name}`)
  .join(', ');

const chunkOf = ({ n: _n, headings, fields, ...row }: Row): Chunk => {
  const { id, document, version, start, end, text } = row;
  return {
    ...{ id, document, version, start, end, text },
    headings: JSON.parse(headings) as string[],
    fields: JSON.parse(fields) as Chunk['fields'],
  };
};

const bytesOf = (vector: Float32Array): Buffer => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
/** A copy: SQLite's bytes need not begin where a float may. */
const vectorOf = (bytes: Uint8Array | ArrayBuffer): Float32Array =>
  new Float32Array(new Uint8Array(bytes).slice().buffer);

/** Rows, words and vectors of one collection in one SQLite file. A row's number is never given twice. */
export class ChunkRows {
  private constructor(
    private readonly database: Database.Database,
    readonly shape: CollectionShape,
  ) {}

  static create({ path, shape }: { path: string; shape: CollectionShape }): ChunkRows {
    const database = connect(path);
    database.exec('CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)');
    const indexes = Object.keys(shape.fields).map(
      (field) => `CREATE INDEX IF NOT EXISTS field_${field} ON chunks (${fieldPath(field).replace('chunks.', '')})`,
    );
    database.transaction(() => {
      for (const sql of [
        `CREATE TABLE IF NOT EXISTS chunks (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
          document TEXT NOT NULL, version TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
          headings TEXT NOT NULL, text TEXT NOT NULL, fields TEXT NOT NULL)`,
        'CREATE INDEX IF NOT EXISTS document ON chunks (document)',
        'CREATE TABLE IF NOT EXISTS vectors (n INTEGER PRIMARY KEY, vector BLOB NOT NULL)',
        "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')",
        'CREATE TABLE IF NOT EXISTS removed (n INTEGER PRIMARY KEY)',
        ...indexes,
      ])
        database.exec(sql);
      database.prepare("INSERT OR IGNORE INTO facts VALUES ('shape', ?)").run([JSON.stringify(shape)]);
    })();
    return new ChunkRows(database, shape);
  }

  static open({ path }: { path: string }): ChunkRows {
    const database = connect(path);
    const found = database.prepare("SELECT value FROM facts WHERE name = 'shape'").get([]) as { value: string };
    return new ChunkRows(database, JSON.parse(found.value) as CollectionShape);
  }

  upsert(points: readonly ChunkPoint[]): void {
    const insert = this.database.prepare(
      'INSERT INTO chunks (id, document, version, start, "end", headings, text, fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const insertWords = this.database.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
    const insertVector = this.database.prepare('INSERT INTO vectors (n, vector) VALUES (?, ?)');
    const known = this.database.prepare('SELECT n FROM chunks WHERE id = ?');
    this.database.transaction(() => {
      for (const { chunk, vector } of points) {
        const { id, document, version, start, end, text } = chunk;
        this.deleteRows((known.all([id]) as { n: number }[]).map(({ n }) => n));
        const written = [id, document, version, start, end, JSON.stringify(chunk.headings), text];
        const { lastInsertRowid } = insert.run([...written, JSON.stringify(chunk.fields)]);
        const n = Number(lastInsertRowid);
        insertWords.run([n, chunkWords(chunk).join(' ')]);
        insertVector.run([n, bytesOf(vector)]);
      }
    })();
  }

  removeDocuments(documents: readonly string[]): void {
    const known = this.database.prepare('SELECT n FROM chunks WHERE document = ?');
    this.database.transaction(() => {
      for (const document of documents) this.deleteRows((known.all([document]) as { n: number }[]).map(({ n }) => n));
    })();
  }

  private deleteRows(rows: readonly number[]): void {
    for (const n of rows) {
      for (const sql of ['chunks WHERE n', 'vectors WHERE n', 'words WHERE rowid'])
        this.database.prepare(`DELETE FROM ${sql} = ?`).run([n]);
      this.database.prepare('INSERT OR IGNORE INTO removed VALUES (?)').run([n]);
    }
  }

  count(): number {
    return (this.database.prepare('SELECT count(*) AS count FROM chunks').get([]) as { count: number }).count;
  }

  /** How many rows meet a filter, counted no further than `most`. */
  meeting({ filter, most }: { filter: ChunkFilter; most: number }): number {
    const { sql, parameters } = filterSql(filter);
    const counted = this.database
      .prepare(`SELECT count(*) AS count FROM (SELECT 1 FROM chunks WHERE ${sql} LIMIT ?)`)
      .get([...parameters, most]) as { count: number };
    return counted.count;
  }

  /** The different values of a field, in order. */
  fieldValues({ field, limit }: { field: string; limit: number }): string[] {
    const path = fieldPath(field);
    const rows = this.database
      .prepare(`SELECT DISTINCT ${path} AS value FROM chunks WHERE ${path} IS NOT NULL ORDER BY value LIMIT ?`)
      .all([limit]) as { value: string }[];
    return rows.map(({ value }) => value);
  }

  scan({ after, limit }: { after: string | null; limit: number }): ChunkPoint[] {
    const rows = this.database
      .prepare(
        `SELECT ${columns}, vectors.vector AS vector FROM chunks JOIN vectors ON vectors.n = chunks.n
         WHERE chunks.id > ? ORDER BY chunks.id LIMIT ?`,
      )
      .all([after ?? '', limit]) as (Row & { vector: Uint8Array | ArrayBuffer })[];
    return rows.map((row) => ({ chunk: chunkOf(row), vector: vectorOf(row.vector) }));
  }

  /** By cosine with every row that meets the filter, or with those of `among` alone. */
  nearest(input: {
    vector: Float32Array;
    limit: number;
    filter: ChunkFilter;
    among: readonly number[] | null;
  }): ScoredChunk[] {
    const { vector, limit, filter, among } = input;
    const { sql, parameters } = filterSql(filter);
    const only = among === null ? '' : 'AND chunks.n IN (SELECT value FROM json_each(?))';
    // Rows are read of the best alone: numbers and vectors are all that ranking the others takes.
    const rows = this.database
      .prepare(
        `SELECT ${columns}, best.score AS score FROM chunks JOIN (
           SELECT chunks.n AS n, 1 - vector_distance_cos(vectors.vector, ?) AS score
           FROM chunks JOIN vectors ON vectors.n = chunks.n WHERE ${sql} ${only} ORDER BY score DESC, chunks.n LIMIT ?
         ) AS best ON best.n = chunks.n ORDER BY score DESC, chunks.id`,
      )
      .all([bytesOf(vector), ...parameters, ...(among === null ? [] : [JSON.stringify(among)]), limit]);
    return (rows as (Row & { score: number })[]).map((row) => ({ chunk: chunkOf(row), score: row.score }));
  }

  matching({ query, limit, filter }: { query: string; limit: number; filter: ChunkFilter }): ScoredChunk[] {
    const words = queryWords(query);
    if (words.length === 0) return [];
    const { sql, parameters } = filterSql(filter);
    const rows = this.database
      .prepare(
        `SELECT ${columns}, best.score AS score FROM chunks JOIN (
           SELECT chunks.n AS n, -bm25(words) AS score FROM words JOIN chunks ON chunks.n = words.rowid
           WHERE words MATCH ? AND ${sql} ORDER BY score DESC, chunks.n LIMIT ?
         ) AS best ON best.n = chunks.n ORDER BY score DESC, chunks.id`,
      )
      .all([words.map((word) => `"${word}"`).join(' OR '), ...parameters, limit]);
    return (rows as (Row & { score: number })[]).map((row) => ({ chunk: chunkOf(row), score: row.score }));
  }

  /** What a graph made up to row `upTo` lacks: rows gone since, and rows written since. */
  changes({ upTo, limit }: { upTo: number; limit: number }): {
    removed: number[];
    added: { n: number; vector: Float32Array }[];
  } {
    const removed = this.database.prepare('SELECT n FROM removed WHERE n <= ?').all([upTo]) as { n: number }[];
    const added = this.database.prepare('SELECT n, vector FROM vectors WHERE n > ? ORDER BY n LIMIT ?');
    return {
      removed: removed.map(({ n }) => n),
      added: (added.all([upTo, limit]) as { n: number; vector: Uint8Array | ArrayBuffer }[]).map(({ n, vector }) => ({
        n,
        vector: vectorOf(vector),
      })),
    };
  }

  /** The graph that stands for all rows, or the last one that did; null for none. */
  graph(): { file: string; upTo: number; fresh: boolean } | null {
    const found = this.database.prepare("SELECT value FROM facts WHERE name = 'graph'").get([]) as
      { value: string } | undefined;
    if (!found) return null;
    const { file, upTo } = JSON.parse(found.value) as { file: string; upTo: number };
    const { stale } = this.database
      .prepare('SELECT EXISTS (SELECT 1 FROM removed) OR coalesce((SELECT max(n) FROM vectors), 0) > ? AS stale')
      .get([upTo]) as { stale: number };
    return { file, upTo, fresh: stale === 0 };
  }

  /** Names the graph's file, whatever has changed since it was made. */
  nameGraph(graph: { file: string; upTo: number }): void {
    this.database.prepare("INSERT OR REPLACE INTO facts VALUES ('graph', ?)").run([JSON.stringify(graph)]);
  }

  /** Takes over a graph that knows of every row. */
  setGraph(graph: { file: string; upTo: number }): void {
    this.database.transaction(() => {
      this.nameGraph(graph);
      this.database.prepare('DELETE FROM removed').run([]);
    })();
  }

  /** Brings everything into the one file, so that it can be copied. */
  settle(): void {
    this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
  }

  close(): void {
    this.database.close();
  }
}

function connect(path: string): Database.Database {
  const database = new Database(path, { timeout: 10_000 });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  return database;
}
