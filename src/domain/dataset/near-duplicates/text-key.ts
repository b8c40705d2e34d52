/** Spreads the bits of a number over 32 bits (the finaliser of MurmurHash3, Appleby 2011). */
export function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** 64 bits as two signed numbers of 32. */
export interface Key64 {
  high: number;
  low: number;
}

/** 64 bits that stand for a sequence of numbers. */
export function sequenceKey({ length, at }: { length: number; at: (index: number) => number }): Key64 {
  let high = length;
  let low = ~length;
  for (let index = 0; index < length; index += 1) {
    const value = at(index);
    high = mixed(Math.imul(high, 0x9e3779b1) ^ value);
    low = Math.imul(low ^ value, 0x2c1b3c6d);
    low ^= low >>> 15;
  }
  return { high, low: mixed(low) };
}

/** 64 bits that stand for exactly this text. */
export const textKey = (text: string): Key64 =>
  sequenceKey({ length: text.length, at: (index) => text.charCodeAt(index) });
