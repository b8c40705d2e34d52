import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../activities/ports.js';
import type { ChunkPoint, CollectionShape, VectorStore } from '../../activities/vector-store-port.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import type { ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import type { ChunkRows } from './chunk-rows.js';
import { NeighbourGraph } from './neighbour-graph.js';

const namePattern = /^[a-z0-9][a-z0-9._-]{0,150}$/;
/** Under so many rows a look at each is as fast as a graph. */
const graphFrom = 2000;
const rowsPerStep = 5000;
/** So many rows that meet a filter are looked at one by one. */
const rowsLookedAt = 3000;
/** Counting on would take longer than asking for the few neighbours more. */
const rowsCounted = 10_000;

/** SQLite is loaded by the first use: every worker and gateway has this store, and few retrieve. */
const rowsModule = () => import('./chunk-rows.js');

interface Open {
  rows: ChunkRows;
  /** Tells one file from another that took its name. */
  inode: number;
  graph: { file: string; graph: NeighbourGraph } | null;
}

/**
 * The store of chunks of the embedded profile: one SQLite file a collection for rows, words (FTS5's BM25) and filters,
 * and a graph beside it for neighbours. Several processes may read while one writes.
 */
export class EmbeddedChunks implements VectorStore {
  private readonly open = new Map<string, Open>();

  constructor(private readonly options: { root: string }) {}

  async createCollection({ collection, ...shape }: { collection: string } & CollectionShape): Promise<void> {
    const { dimension, embedder, fields } = shape;
    const wanted = { dimension, embedder, fields };
    await mkdir(join(this.options.root, 'aliases'), { recursive: true });
    const path = this.path(collection);
    const stands = await stat(path).catch(() => null);
    if (!stands) (await rowsModule()).ChunkRows.create({ path, shape: wanted }).close();
    const { rows } = await this.at(collection);
    if (canonicalJson(rows.shape) !== canonicalJson(wanted))
      throw new PortError(
        'Conflict',
        `collection ${collection} has the shape ${canonicalJson(rows.shape)}, expected ${canonicalJson(wanted)}; index into a new one`,
      );
  }

  async copyCollection({ from, to }: { from: string; to: string }): Promise<void> {
    const { rows } = await this.at(from);
    const graph = rows.graph();
    rows.settle();
    await this.dropCollection({ collection: to });
    if (graph) await copyFile(join(this.options.root, graph.file), join(this.options.root, graphName(to, graph.upTo)));
    await copyFile(this.path(from), `${this.path(to)}.new`);
    await rename(`${this.path(to)}.new`, this.path(to));
    if (graph) (await this.at(to)).rows.nameGraph({ file: graphName(to, graph.upTo), upTo: graph.upTo });
  }

  async upsert({ collection, points }: { collection: string; points: readonly ChunkPoint[] }): Promise<void> {
    const { rows } = await this.at(collection);
    const { dimension } = rows.shape;
    const odd = points.find(({ vector }) => vector.length !== dimension);
    if (odd)
      throw new PortError(
        'InvalidInput',
        `chunk ${odd.chunk.id} has a vector of ${odd.vector.length}, collection ${collection} takes ${dimension} (${rows.shape.embedder}); embed it with that model`,
      );
    rows.upsert(points);
  }

  async removeDocuments({ collection, documents }: { collection: string; documents: readonly string[] }) {
    (await this.at(collection)).rows.removeDocuments(documents);
  }

  async count({ collection }: { collection: string }): Promise<number> {
    return (await this.at(collection)).rows.count();
  }

  async scan({ collection, ...rest }: { collection: string; after: string | null; limit: number }) {
    return (await this.at(collection)).rows.scan(rest);
  }

  /** Makes the graph, or adds to it what has changed since; anew where many of its rows are gone. */
  async optimise({ collection }: { collection: string }): Promise<void> {
    const { rows } = await this.at(collection);
    const before = rows.graph();
    const count = rows.count();
    if (before?.fresh || (before === null && count < graphFrom)) return;
    const { dimension } = rows.shape;
    const path = before && join(this.options.root, before.file);
    const gone = before ? rows.changes({ upTo: before.upTo, limit: 0 }).removed : [];
    const kept = path !== null && gone.length < count / 4 && (await stat(path).catch(() => null)) !== null;
    const graph = kept
      ? await NeighbourGraph.open({ path, dimension, how: 'load' })
      : await NeighbourGraph.create({ dimension });
    let upTo = kept ? before!.upTo : 0;
    if (kept) graph.remove(gone);
    for (;;) {
      const { added } = rows.changes({ upTo, limit: rowsPerStep });
      if (added.length === 0) break;
      graph.add(added);
      upTo = added.at(-1)!.n;
      // Other work of this process goes on between two steps.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const file = graphName(collection, upTo);
    await graph.save({ path: join(this.options.root, file) });
    rows.setGraph({ file, upTo });
    if (before && before.file !== file) await rm(join(this.options.root, before.file), { force: true });
  }

  async describe({ collection }: { collection: string }) {
    try {
      const name = await this.behind(collection);
      const { rows } = await this.at(name);
      return { collection: name, ...rows.shape };
    } catch (error) {
      if (error instanceof PortError && error.type === 'NotFound') return null;
      throw error;
    }
  }

  async nearest(input: {
    collection: string;
    vector: Float32Array;
    limit: number;
    filter?: ChunkFilter;
    exact?: boolean;
  }): Promise<ScoredChunk[]> {
    const { collection, vector, limit, filter = [], exact = false } = input;
    const open = await this.at(await this.behind(collection));
    const { rows } = open;
    checkQuery({ collection, rows, vector, filter });
    const graph = exact ? null : await this.graphOf(open);
    if (graph === null) return rows.nearest({ vector, limit, filter, among: null });
    // Where few rows meet the filter each of them is looked at; else so many neighbours are asked for that enough do.
    const meeting = filter.length === 0 ? graph.size : rows.meeting({ filter, most: rowsCounted });
    if (meeting <= rowsLookedAt) return rows.nearest({ vector, limit, filter, among: null });
    const needed = Math.ceil((4 * limit * graph.size) / meeting);
    for (let wanted = filter.length === 0 ? 2 * limit : needed; wanted < graph.size / 8; wanted *= 4) {
      const found = rows.nearest({ vector, limit, filter, among: graph.nearest({ vector, limit: wanted }) });
      if (found.length >= limit) return found;
    }
    return rows.nearest({ vector, limit, filter, among: null });
  }

  async matching(input: { collection: string; query: string; limit: number; filter?: ChunkFilter }) {
    const { collection, query, limit, filter = [] } = input;
    const { rows } = await this.at(await this.behind(collection));
    checkQuery({ collection, rows, vector: null, filter });
    return rows.matching({ query, limit, filter });
  }

  async fieldValues({ collection, field, limit }: { collection: string; field: string; limit: number }) {
    const { rows } = await this.at(await this.behind(collection));
    checkQuery({ collection, rows, vector: null, filter: [{ field, anyOf: [] }] });
    return rows.fieldValues({ field, limit });
  }

  async setAlias({ alias, collection }: { alias: string; collection: string }): Promise<void> {
    await this.at(collection);
    const path = this.aliasPath(alias);
    await writeFile(`${path}.new`, collection, { flush: true });
    await rename(`${path}.new`, path);
  }

  async aliases(): Promise<Record<string, string>> {
    const names = await readdir(join(this.options.root, 'aliases')).catch(() => []);
    const known = names.filter((name) => !name.endsWith('.new')).sort();
    const entries = known.map(async (name) => [name, await readFile(this.aliasPath(name), 'utf8')] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  async collections(): Promise<string[]> {
    const names = await readdir(this.options.root).catch(() => []);
    return names.filter((name) => name.endsWith('.db')).map((name) => name.slice(0, -3));
  }

  async dropCollection({ collection }: { collection: string }): Promise<void> {
    this.forget(collection);
    const names = await readdir(this.options.root).catch(() => []);
    const own = new RegExp(`^${collection.replaceAll('.', '\\.')}(?:\\.db(?:-wal|-shm)?|~\\d+\\.graph)$`);
    for (const name of names.filter((one) => own.test(one))) await rm(join(this.options.root, name), { force: true });
  }

  close(): void {
    for (const name of [...this.open.keys()]) this.forget(name);
  }

  private forget(collection: string): void {
    this.open.get(collection)?.rows.close();
    this.open.delete(collection);
  }

  private path(collection: string): string {
    if (namePattern.test(collection)) return join(this.options.root, `${collection}.db`);
    throw new PortError(
      'InvalidInput',
      `collection ${JSON.stringify(collection)}: expected lower-case letters, digits, ".", "_" and "-", at most 151`,
    );
  }

  private aliasPath(alias: string): string {
    this.path(alias);
    return join(this.options.root, 'aliases', alias);
  }

  private async behind(name: string): Promise<string> {
    return await readFile(this.aliasPath(name), 'utf8').catch(() => name);
  }

  /** The open collection; opened anew where another file stands under its name. */
  private async at(collection: string): Promise<Open> {
    const path = this.path(collection);
    // Nothing is waited for from here on, so that two questions at once open one file.
    const [{ ChunkRows }, found] = await Promise.all([rowsModule(), stat(path).catch(() => null)]);
    const known = this.open.get(collection);
    if (known && found?.ino === known.inode) return known;
    this.forget(collection);
    if (!found)
      throw new PortError('NotFound', `no collection ${collection} in ${this.options.root}; run understudy index`);
    const opened = { rows: ChunkRows.open({ path }), inode: found.ino, graph: null };
    this.open.set(collection, opened);
    return opened;
  }

  private async graphOf(open: Open): Promise<NeighbourGraph | null> {
    const found = open.rows.graph();
    if (!found?.fresh) return null;
    if (open.graph?.file === found.file) return open.graph.graph;
    const path = join(this.options.root, found.file);
    if ((await stat(path).catch(() => null)) === null) return null;
    const graph = await NeighbourGraph.open({ path, dimension: open.rows.shape.dimension, how: 'view' });
    open.graph = { file: found.file, graph };
    return graph;
  }
}

const graphName = (collection: string, upTo: number): string => `${collection}~${upTo}.graph`;

function checkQuery(input: {
  collection: string;
  rows: ChunkRows;
  vector: Float32Array | null;
  filter: ChunkFilter;
}): void {
  const { collection, rows, vector, filter } = input;
  const { dimension, embedder, fields } = rows.shape;
  if (vector && vector.length !== dimension)
    throw new PortError(
      'InvalidInput',
      `the question's vector has ${vector.length} numbers, collection ${collection} has ${dimension} (${embedder}); embed it with that model`,
    );
  const unknown = filter.filter(({ field }) => !Object.hasOwn(fields, field)).map(({ field }) => field);
  if (unknown.length > 0)
    throw new PortError(
      'InvalidInput',
      `collection ${collection} has no field ${unknown.join(', ')}; it has ${Object.keys(fields).join(', ') || 'none'}`,
    );
}
