/** Members of a set that are kept, 3 bytes each. */
export const sketchSize = 56;
export const sketchBytes = sketchSize * 3;

/**
 * Writes the least `sketchSize` members of a set, each cut to its upper 24 bits, into `target` from `offset` on: a
 * bottom-k sketch (Cohen and Kaplan 2007). A set that has no more members is kept whole.
 */
export function writeSketch({
  members,
  target,
  offset,
}: {
  members: Uint32Array;
  target: Uint8Array;
  offset: number;
}): void {
  const kept = Math.min(sketchSize, members.length);
  let at = offset;
  for (let index = 0; index < kept; index += 1) {
    const member = members[index]!;
    target[at] = member >>> 24;
    target[at + 1] = member >>> 16;
    target[at + 2] = member >>> 8;
    at += 3;
  }
}

/** A sketch in memory; `size` is the number of members of the set it was made from. */
export interface Sketch {
  bytes: Uint8Array;
  offset: number;
  size: number;
}

const memberAt = ({ bytes, offset }: Sketch, index: number): number => {
  const at = offset + index * 3;
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
};

/**
 * Jaccard similarity of two sets from their sketches. Where both sets were kept whole it is the sets' own (but for
 * members that agree in 24 of 32 bits by chance, some 3 in a million). Else it is that of the members up to the last one
 * that both sketches surely hold, a sample without replacement: near 0.85 its standard error is at most 0.048.
 */
export function sketchJaccard(one: Sketch, other: Sketch): number {
  const [ones, others] = [Math.min(sketchSize, one.size), Math.min(sketchSize, other.size)];
  const known = (sketch: Sketch, kept: number): number =>
    sketch.size > kept ? memberAt(sketch, kept - 1) : Number.MAX_SAFE_INTEGER;
  const limit = Math.min(known(one, ones), known(other, others));
  let [left, right, shared, all] = [0, 0, 0, 0];
  while (left < ones || right < others) {
    const a = left < ones ? memberAt(one, left) : Number.MAX_SAFE_INTEGER;
    const b = right < others ? memberAt(other, right) : Number.MAX_SAFE_INTEGER;
    if (Math.min(a, b) > limit) break;
    if (a === b) shared += 1;
    if (a <= b) left += 1;
    if (b <= a) right += 1;
    all += 1;
  }
  return all === 0 ? 0 : shared / all;
}
