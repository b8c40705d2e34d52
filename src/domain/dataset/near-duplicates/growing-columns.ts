type TypedArray = Int32Array | Float64Array;

const chunkBits = 10;
const chunkRows = 1 << chunkBits;
const chunkMask = chunkRows - 1;

/**
 * Rows of `stride` numbers each, kept in typed arrays of 1,024 rows: it grows without ever copying, and what it takes
 * is known to the byte.
 */
export class GrowingColumns<Chunk extends TypedArray> {
  readonly #chunks: Chunk[] = [];

  constructor(
    readonly stride: number,
    readonly newChunk: (length: number) => Chunk,
  ) {}

  /** Makes room for row `row`, which must be at most one after the last. */
  reserve(row: number): void {
    if (row >> chunkBits === this.#chunks.length) this.#chunks.push(this.newChunk(chunkRows * this.stride));
  }

  /** The array in which a row lies, from `offset(row)` on. */
  chunk(row: number): Chunk {
    return this.#chunks[row >> chunkBits]!;
  }

  offset(row: number): number {
    return (row & chunkMask) * this.stride;
  }

  /** First number of a row. */
  get(row: number): number {
    return this.chunk(row)[this.offset(row)]!;
  }

  set(row: number, value: number): void {
    this.chunk(row)[this.offset(row)] = value;
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

export const int32Columns = (stride = 1): GrowingColumns<Int32Array> =>
  new GrowingColumns(stride, (length) => new Int32Array(length));

export const float64Columns = (): GrowingColumns<Float64Array> =>
  new GrowingColumns(1, (length) => new Float64Array(length));
