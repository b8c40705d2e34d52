/**
 * Cosine of the angle between two embeddings, -1..1; null where either has no direction (all zeros, or a value that is not
 * finite).
 * @throws RangeError for vectors of different lengths.
 */
export function cosine({ one, other }: { one: ArrayLike<number>; other: ArrayLike<number> }): number | null {
  if (one.length !== other.length)
    throw new RangeError(
      `embeddings of ${one.length} and ${other.length} dimensions: expected the same model for both`,
    );
  let [product, ours, theirs] = [0, 0, 0];
  for (let index = 0; index < one.length; index += 1) {
    const value = one[index]!;
    product += value * other[index]!;
    ours += value * value;
    theirs += other[index]! * other[index]!;
  }
  const result = product / Math.sqrt(ours * theirs);
  return Number.isFinite(result) ? Math.min(1, Math.max(-1, result)) : null;
}
