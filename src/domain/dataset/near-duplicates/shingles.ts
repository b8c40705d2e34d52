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
 * Makes the set of a text's runs of `size` words, as 32-bit hashes, each once, in the order of the text. A text with fewer
 * words is one run of all of them; a text without words has none. The array is reused by the next call.
 */
export function createShingler({ size }: { size: number }): (text: ScannedText) => Uint32Array {
  let members = new Uint32Array(256);
  let slots = new Uint32Array(2 * members.length);
  let usedIn = new Int32Array(slots.length);
  let call = 0;

  function reserve(runs: number): void {
    if (runs <= members.length) return;
    members = new Uint32Array(2 ** Math.ceil(Math.log2(runs)));
    slots = new Uint32Array(2 * members.length);
    usedIn = new Int32Array(slots.length);
  }

  /** Whether a hash is new in this call. */
  function isNew(hash: number): boolean {
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (; usedIn[slot] === call; slot = (slot + 1) & mask) if (slots[slot] === hash) return false;
    usedIn[slot] = call;
    slots[slot] = hash;
    return true;
  }

  return ({ words, count }) => {
    const runs = count === 0 ? 0 : Math.max(1, count - size + 1);
    const length = Math.min(size, count);
    reserve(runs);
    call = (call + 1) | 0;
    let kept = 0;
    for (let start = 0; start < runs; start += 1) {
      const hash = shingleAt({ words, start, size: length }) >>> 0;
      if (!isNew(hash)) continue;
      members[kept] = hash;
      kept += 1;
    }
    return members.subarray(0, kept);
  };
}
