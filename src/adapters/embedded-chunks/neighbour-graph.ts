import { rename, rm } from 'node:fs/promises';
import type * as Usearch from 'usearch';

/** Vectors that one call adds: more gain nothing and hold more memory. */
const batchSize = 1000;

const loadLibrary = async (): Promise<typeof Usearch> => {
  // Loaded here alone: whoever searches nothing does not pay for it.
  const loaded = (await import('usearch')) as typeof Usearch & { default?: typeof Usearch };
  return loaded.default ?? loaded;
};

/**
 * The nearest rows by HNSW (Malkov and Yashunin 2018), kept in a file beside the rows and made from them: what is lost is
 * made again. Vectors are kept in 16 bits; scores come from the rows.
 */
export class NeighbourGraph {
  private constructor(private readonly index: Usearch.Index) {}

  static async create({ dimension }: { dimension: number }): Promise<NeighbourGraph> {
    const { Index, MetricKind, ScalarKind } = await loadLibrary();
    return new NeighbourGraph(
      new Index({
        ...{ metric: MetricKind.Cos, quantization: ScalarKind.F16, dimensions: dimension, multi: false },
        ...{ connectivity: 16, expansion_add: 128, expansion_search: 96 },
      }),
    );
  }

  /** A graph to change (`load`) or only to ask, mapped from its file (`view`). */
  static async open({ path, dimension, how }: { path: string; dimension: number; how: 'load' | 'view' }) {
    const graph = await NeighbourGraph.create({ dimension });
    graph.index[how](path);
    return graph;
  }

  get size(): number {
    return this.index.size();
  }

  add(rows: readonly { n: number; vector: Float32Array }[]): void {
    for (let start = 0; start < rows.length; start += batchSize) {
      const some = rows.slice(start, start + batchSize);
      this.index.add(
        BigUint64Array.from(some, ({ n }) => BigInt(n)),
        some.map(({ vector }) => vector),
        2,
      );
    }
  }

  remove(rows: readonly number[]): void {
    for (const n of rows) if (this.index.contains(BigInt(n)) === true) this.index.remove(BigInt(n));
  }

  nearest({ vector, limit }: { vector: Float32Array; limit: number }): number[] {
    return [...this.index.search(vector, Math.min(limit, this.size), 1).keys].map(Number);
  }

  /** Written aside and moved into place, so that nobody reads half a file. */
  async save({ path }: { path: string }): Promise<void> {
    await rm(`${path}.new`, { force: true });
    this.index.save(`${path}.new`);
    await rename(`${path}.new`, path);
  }
}
