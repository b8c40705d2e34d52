import { mixed } from './text-key.js';
import type { ScannedText } from './word-scanner.js';

/** Hash of the `size` words that begin at `start`. */
function shingleAt({ words, start, size }: { words: Int32Array; start: number; size: number }): number {
  let hash = size;
  for (let offset = 0; offset < size; offset += 1)
    hash = Math.imul((hash << 13) | (hash >>> 19), 0x9e3779b1) ^ words[start + offset]!;
  return mixed(hash);
}

/**
 * Makes the set of a text's runs of `size` words, as 32-bit hashes in rising order, each once. A text with fewer words
 * is one run of all of them; a text without words has none. The array is reused by the next call.
 */
export function createShingler({ size }: { size: number }): (text: ScannedText) => Uint32Array {
  let memory = new Uint32Array(256);
  return ({ words, count }) => {
    const runs = count === 0 ? 0 : Math.max(1, count - size + 1);
    if (runs > memory.length) memory = new Uint32Array(2 ** Math.ceil(Math.log2(runs)));
    const length = Math.min(size, count);
    for (let start = 0; start < runs; start += 1) memory[start] = shingleAt({ words, start, size: length });
    const sorted = memory.subarray(0, runs).sort();
    let kept = 0;
    for (let index = 0; index < runs; index += 1) {
      if (index > 0 && sorted[index] === sorted[index - 1]) continue;
      memory[kept] = sorted[index]!;
      kept += 1;
    }
    return memory.subarray(0, kept);
  };
}

/** Shared members over all members of two sets in rising order: 0..1, exact. Two empty sets have nothing in common. */
export function jaccard(one: Uint32Array, other: Uint32Array): number {
  let [left, right, shared] = [0, 0, 0];
  while (left < one.length && right < other.length) {
    const difference = one[left]! - other[right]!;
    if (difference === 0) shared += 1;
    if (difference <= 0) left += 1;
    if (difference >= 0) right += 1;
  }
  const all = one.length + other.length - shared;
  return all === 0 ? 0 : shared / all;
}
