import { type DuplicateResolution, resolveGroups } from './duplicate-resolution.js';
import { float64Columns, int32Columns } from './growing-columns.js';
import { KeyNumbers } from './key-numbers.js';
import { bandCount, createBandKeys } from './min-hash.js';
import { createShingler } from './shingles.js';
import { sketchWords, writeSketch } from './set-sketch.js';
import { createWordScanner } from './word-scanner.js';

export interface DuplicateIndex {
  /** Rows added so far; the next one gets this number. */
  readonly rows: number;
  /** Bytes that the index holds in memory now. */
  readonly bytes: number;
  /**
   * Adds the next row. Rows are numbered from 0 in the order of adding.
   * @param row `text`: what is compared, for a chat all of its texts joined; `helpfulness`: the higher one is kept
   */
  add: (row: { text: string; helpfulness: number }) => void;
  /** Says which rows stay. The index ends with it: adding afterwards throws. */
  resolve: () => DuplicateResolution;
}

/**
 * Finds exact and near-duplicates over a whole data set in one pass, in at most 300 bytes a row however long the texts
 * are, and without keeping a text. Exact: the same words in the same order. Near: a Jaccard similarity of the texts'
 * word shingles of at least `threshold`, found by MinHash LSH (Broder 1997; Leskovec, Rajaraman and Ullman 2020,
 * chapter 3) and confirmed on a sketch of the sets: exactly for texts of up to 41 words, to about a shingle for most
 * others (`set-sketch.ts`).
 *
 * Of each two near-duplicates the less helpful goes, of equals the later: rows are taken from the most helpful on, and
 * one stays unless a row that stays is its near-duplicate. So every row that goes is a near-duplicate of the row named
 * as its winner itself, not only over others. The same rows, seed and threshold give the same result on every machine.
 *
 * @param threshold similarity in 0..1 from which two texts are near-duplicates
 * @param shingle words of a shingle
 * @param seed any whole number
 */
export function createDuplicateIndex({
  threshold = 0.85,
  shingle = 3,
  seed,
}: {
  threshold?: number;
  shingle?: number;
  seed: number;
}): DuplicateIndex {
  const scanner = createWordScanner();
  const shinglesOf = createShingler({ size: shingle });
  const writeBandKeys = createBandKeys({ threshold, seed });
  const groupOf = int32Columns();
  const groups = {
    best: int32Columns(),
    helpfulness: float64Columns(),
    size: int32Columns(),
    bands: int32Columns(bandCount),
    sketches: int32Columns(sketchWords),
  };
  const columns = Object.values(groups);
  let keys: KeyNumbers | null = new KeyNumbers();
  let rows = 0;

  function openGroup({ group, members }: { group: number; members: Uint32Array }): void {
    for (const column of columns) column.reserve(group);
    const { size, bands, sketches } = groups;
    size.set(group, members.length);
    writeBandKeys({ members, target: bands.chunk(group), offset: bands.offset(group) });
    writeSketch({ members, target: sketches.chunk(group), offset: sketches.offset(group) });
  }

  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return [groupOf, ...columns].reduce((sum, { bytes }) => sum + bytes, keys?.bytes ?? 0);
    },
    add: ({ text, helpfulness }) => {
      if (keys === null) throw new Error('the index was resolved: make a new one to add rows');
      const scanned = scanner.scan(text);
      const known = keys.size;
      const group = keys.numberOf(scanned);
      if (group === known) openGroup({ group, members: shinglesOf(scanned) });
      if (group === known || helpfulness > groups.helpfulness.get(group)) {
        groups.best.set(group, rows);
        groups.helpfulness.set(group, helpfulness);
      }
      groupOf.reserve(rows);
      groupOf.set(rows, group);
      rows += 1;
    },
    resolve: () => {
      if (keys === null) throw new Error('the index was resolved already');
      const count = keys.size;
      keys = null;
      return resolveGroups({ groups, count, groupOf, rows, threshold });
    },
  };
}
