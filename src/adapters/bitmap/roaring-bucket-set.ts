import { DeserializationFormat, RoaringBitmap32, SerializationFormat } from 'roaring-wasm';
import type { BucketSet } from '../../domain/rollout/bucket-set.js';

/**
 * A `BucketSet` as compressed Roaring bitmap. Its memory lies outside the JavaScript heap: `dispose` gives it back at
 * once, otherwise the garbage collector does.
 */
export class RoaringBucketSet implements BucketSet {
  private constructor(private readonly bitmap: RoaringBitmap32) {}

  static empty(): RoaringBucketSet {
    return new RoaringBucketSet(new RoaringBitmap32());
  }

  static of(buckets: Iterable<number>): RoaringBucketSet {
    return new RoaringBucketSet(new RoaringBitmap32(buckets));
  }

  /**
   * Reads what `toBase64` wrote (portable Roaring serialization). Throws a `RangeError` on anything else: the library
   * leaves the result of corrupt bytes open, so they must come out again as they went in.
   */
  static fromBase64(text: string): RoaringBucketSet {
    const bytes = Buffer.from(text, 'base64');
    const bitmap = parse(bytes);
    if (bitmap === null || !Buffer.from(bitmap.serialize(SerializationFormat.portable)).equals(bytes)) {
      bitmap?.dispose();
      throw new RangeError(`bitmap of ${bytes.length} bytes: expected a portable Roaring bitmap in base64`);
    }
    return new RoaringBucketSet(bitmap);
  }

  toBase64(): string {
    return Buffer.from(this.bitmap.serialize(SerializationFormat.portable)).toString('base64');
  }

  get size(): number {
    return this.bitmap.size;
  }

  /** True when the bucket was not there before. */
  add(bucket: number): boolean {
    return this.bitmap.tryAdd(bucket);
  }

  has(bucket: number): boolean {
    return this.bitmap.has(bucket);
  }

  /** Takes the other's buckets in, in place. */
  absorb(other: RoaringBucketSet): void {
    this.bitmap.orInPlace(other.bitmap);
  }

  or(other: RoaringBucketSet): RoaringBucketSet {
    return new RoaringBucketSet(RoaringBitmap32.or(this.bitmap, other.bitmap));
  }

  andNot(other: RoaringBucketSet): RoaringBucketSet {
    return new RoaringBucketSet(RoaringBitmap32.andNot(this.bitmap, other.bitmap));
  }

  /** The buckets in order. */
  values(): number[] {
    return this.bitmap.toArray();
  }

  dispose(): void {
    this.bitmap.dispose();
  }
}

function parse(bytes: Buffer): RoaringBitmap32 | null {
  try {
    return RoaringBitmap32.deserialize(DeserializationFormat.portable, bytes);
  } catch {
    return null;
  }
}
