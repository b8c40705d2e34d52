import { createHash } from 'node:crypto';

/**
 * Whether what has this id is in a sample of a share: the first 48 bits of SHA-256 over purpose and id, as a fraction of
 * 1, lie under it. Anybody who has the id can say it again, a higher share only adds to the sample, and samples for
 * different purposes are independent of each other.
 */
export function isSampled({ purpose, id, share }: { purpose: string; id: string; share: number }): boolean {
  if (share <= 0) return false;
  const digest = createHash('sha256').update(`${purpose}\0`).update(id).digest();
  return digest.readUIntBE(0, 6) < share * 2 ** 48;
}

/** Whether the request with this answer id is mirrored at a share. */
export const isMirrored = ({ id, share }: { id: string; share: number }): boolean =>
  isSampled({ purpose: 'mirror', id, share });
