import { createHash } from 'node:crypto';

/** Sticky keys fall into this many buckets; shares are cut at bucket borders. */
export const bucketCount = 2 ** 20;

/**
 * The bucket of a sticky key, 0 .. 2^20 - 1: the first 20 bits of SHA-256 over salt and key. The salt belongs to the
 * model, so that the same person is not the guinea pig of every model at once.
 */
export function bucketOf({ salt, key }: { salt: string; key: string }): number {
  const digest = createHash('sha256').update(salt).update('\0').update(key).digest();
  return digest.readUInt32BE(0) >>> 12;
}
