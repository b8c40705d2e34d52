import { createHash } from 'node:crypto';

/**
 * Whether the request with this answer id is mirrored at a share: the first 48 bits of SHA-256 over the id, as a
 * fraction of 1, lie under it. Anybody who has the id can say it again; a higher share only adds requests.
 */
export function isMirrored({ id, share }: { id: string; share: number }): boolean {
  if (share <= 0) return false;
  const digest = createHash('sha256').update('mirror\0').update(id).digest();
  return digest.readUIntBE(0, 6) < share * 2 ** 48;
}
