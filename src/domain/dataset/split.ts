import { createHash } from 'node:crypto';

export type Split = 'train' | 'validation';

/**
 * Where a cluster's rows go: by the first 32 bits of SHA-256 over seed and key, read as a share of 2^32. It depends on
 * nothing but seed, key and share, so added rows never move others, and a larger share only moves clusters one way.
 */
export function splitOf({ cluster, seed, share }: { cluster: string; seed: number; share: number }): Split {
  const digest = createHash('sha256').update(String(seed)).update('\0').update(cluster).digest();
  return digest.readUInt32BE(0) / 2 ** 32 < share ? 'validation' : 'train';
}
