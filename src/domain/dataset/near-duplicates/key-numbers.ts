import { int32Columns } from './growing-columns.js';
import type { Key64 } from './text-key.js';

const firstCapacity = 1024;
const fullest = 0.7;

/**
 * Numbers 64-bit keys in the order in which they are first seen, in at most 26 bytes a key (8 for the key, the rest is
 * the table while it grows). Keys must be hashes: their lowest bits choose the slot. Two different texts share a
 * 64-bit key with a chance of about 3 in 10^8 among a million.
 */
export class KeyNumbers {
  readonly #keys = int32Columns(2);
  #slots = new Int32Array(firstCapacity).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#keys.bytes + this.#slots.byteLength;
  }

  /** The number of a key; `size` grows by one where the key is new. */
  numberOf({ high, low }: Key64): number {
    if (this.#size >= this.#slots.length * fullest) this.#grow();
    const slot = this.#slotOf({ high, low });
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    const number = this.#size;
    this.#keys.reserve(number);
    const chunk = this.#keys.chunk(number);
    const offset = this.#keys.offset(number);
    chunk[offset] = high;
    chunk[offset + 1] = low;
    this.#slots[slot] = number;
    this.#size += 1;
    return number;
  }

  /** Where a key stands, or the free slot where it belongs. */
  #slotOf({ high, low }: Key64): number {
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const number = this.#slots[slot]!;
      if (number < 0) return slot;
      const chunk = this.#keys.chunk(number);
      const offset = this.#keys.offset(number);
      if (chunk[offset] === high && chunk[offset + 1] === low) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let number = 0; number < this.#size; number += 1) {
      const chunk = this.#keys.chunk(number);
      const offset = this.#keys.offset(number);
      this.#slots[this.#slotOf({ high: chunk[offset]!, low: chunk[offset + 1]! })] = number;
    }
  }
}
