import { int32Columns } from './growing-columns.js';
import { KeyNumbers } from './key-numbers.js';
import { bandCount, createBandKeys } from './min-hash.js';
import { sketchJaccard, sketchWords, writeSketch } from './set-sketch.js';
import { createShingler } from './shingles.js';
import { mixed } from './text-key.js';
import { createWordScanner } from './word-scanner.js';

/** Most different texts of one bucket that a text is held against, so that a template many share takes no quadratic time. */
const longestChain = 64;

export interface NearIndex {
  /** Adds a text and returns its number. Texts of the same words share one; numbers rise by one from 0. */
  add: (text: string) => number;
  /** Numbers of the texts that a text is equal or nearly equal to, in no order. */
  matches: (text: string) => number[];
}

/**
 * Finds which of some texts another one is nearly equal to: by the same words, or a Jaccard similarity of word
 * 3-shingles of at least `threshold`, by MinHash LSH as in `createDuplicateIndex`. Memory: 390 to 460 bytes for each
 * different text that was added, none for those that are only looked up.
 *
 * @param threshold similarity in 0..1 from which two texts are near-duplicates
 * @param seed any whole number
 */
export function createNearIndex({ threshold, seed }: { threshold: number; seed: number }): NearIndex {
  const scanner = createWordScanner();
  const shinglesOf = createShingler({ size: 3 });
  const writeBandKeys = createBandKeys({ threshold, seed });
  const sizes = int32Columns();
  const sketches = int32Columns(sketchWords);
  const keys = int32Columns(bandCount);
  const next = int32Columns(bandCount);
  let heads = new Int32Array(1 << 10).fill(-1);
  const numbers = new KeyNumbers();
  const own = { keys: new Int32Array(bandCount), words: new Int32Array(sketchWords) };

  const slotOf = (key: number, band: number): number =>
    mixed(key ^ Math.imul(band + 1, 0x9e3779b1)) & (heads.length - 1);

  function link(text: number): void {
    for (let band = 0; band < bandCount; band += 1) {
      const slot = slotOf(keys.chunk(text)[keys.offset(text) + band]!, band);
      next.chunk(text)[next.offset(text) + band] = heads[slot]!;
      heads[slot] = text * bandCount + band;
    }
  }

  function grow(): void {
    if (numbers.size * bandCount < heads.length) return;
    heads = new Int32Array(heads.length * 2).fill(-1);
    for (let text = 0; text < numbers.size; text += 1) if (sizes.get(text) > 0) link(text);
  }

  /** Buckets are shared by all bands, so an entry of another band or key is passed over and not counted. */
  function addCandidates({ key, band, found }: { key: number; band: number; found: Set<number> }): void {
    let held = 0;
    for (let entry = heads[slotOf(key, band)]!; entry >= 0 && held < longestChain;) {
      const text = Math.floor(entry / bandCount);
      const ownBand = entry % bandCount;
      if (ownBand === band && keys.chunk(text)[keys.offset(text) + band] === key) {
        found.add(text);
        held += 1;
      }
      entry = next.chunk(text)[next.offset(text) + ownBand]!;
    }
  }

  return {
    add: (text) => {
      const scanned = scanner.scan(text);
      const known = numbers.size;
      const added = numbers.numberOf(scanned);
      if (added < known) return added;
      const members = shinglesOf(scanned);
      for (const column of [sizes, sketches, keys, next]) column.reserve(added);
      sizes.set(added, members.length);
      if (members.length === 0) return added;
      writeSketch({ members, target: sketches.chunk(added), offset: sketches.offset(added) });
      writeBandKeys({ members, target: keys.chunk(added), offset: keys.offset(added) });
      link(added);
      grow();
      return added;
    },
    matches: (text) => {
      const members = shinglesOf(scanner.scan(text));
      if (members.length === 0 || numbers.size === 0) return [];
      own.words.fill(0);
      writeSketch({ members, target: own.words, offset: 0 });
      writeBandKeys({ members, target: own.keys, offset: 0 });
      const found = new Set<number>();
      for (let band = 0; band < bandCount; band += 1) addCandidates({ key: own.keys[band]!, band, found });
      const sketch = { words: own.words, offset: 0, size: members.length };
      return [...found].filter((other) => {
        const kept = { words: sketches.chunk(other), offset: sketches.offset(other), size: sizes.get(other) };
        return sketchJaccard(sketch, kept) >= threshold;
      });
    },
  };
}
