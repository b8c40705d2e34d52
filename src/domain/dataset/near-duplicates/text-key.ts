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

/** 64 bits that stand for the first `count` of a sequence of numbers. */
export function numbersKey({ numbers, count }: { numbers: Int32Array; count: number }): Key64 {
  let high = count;
  let low = ~count;
  for (let index = 0; index < count; index += 1) {
    const value = numbers[index]!;
    high = Math.imul(high ^ value, 0x9e3779b1);
    high ^= high >>> 15;
    low = Math.imul(low ^ value, 0x2c1b3c6d);
    low ^= low >>> 13;
  }
  return { high: mixed(high), low: mixed(low) };
}

let units = new Int32Array(1024);

/** 64 bits that stand for exactly this text. */
export function textKey(text: string): Key64 {
  if (text.length > units.length) units = new Int32Array(2 * text.length);
  for (let at = 0; at < text.length; at += 1) units[at] = text.charCodeAt(at);
  return numbersKey({ numbers: units, count: text.length });
}
