/** A set of sticky-key buckets (0 .. 2^20 - 1). What the decisions need of a bitmap; an adapter provides it. */
export interface BucketSet {
  /** How many buckets are in the set. */
  readonly size: number;
  has(bucket: number): boolean;
  /** A new set with the buckets that are in this set or in the other. */
  or(other: BucketSet): BucketSet;
  /** A new set with the buckets of this set that are not in the other. */
  andNot(other: BucketSet): BucketSet;
  /** Portable Roaring serialization, base64. */
  toBase64(): string;
}

/** Buckets that are in both sets. */
export const intersection = (one: BucketSet, other: BucketSet): BucketSet => one.andNot(one.andNot(other));
