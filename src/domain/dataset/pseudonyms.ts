import { createHmac } from 'node:crypto';
import { sha256Hex } from '../release/evidence.js';

const digits = 16;

/** Names that stand in the place of identifiers which are personal data themselves, such as an e-mail address. */
export interface Pseudonyms {
  /** The pseudonym of a value, the same wherever the key is. */
  of: (value: string) => string;
  /** What changes when the key does and says nothing of it; null without a key. */
  keyDigest: string | null;
  /** The key itself, for the one call that hands it to a thread. */
  revealKey: () => string | null;
}

/**
 * Pseudonyms by HMAC-SHA-256 (RFC 2104), cut to 64 bits. Without a key they are a plain hash: who guesses a value can
 * check the guess.
 * @param key a secret of at least 16 characters; another one gives other pseudonyms
 */
export function createPseudonyms({ key }: { key: string | null }): Pseudonyms {
  const hash = (text: string): string =>
    key === null ? sha256Hex(text) : createHmac('sha256', key).update(text, 'utf8').digest('hex');
  return {
    of: (value) => `id-${hash(value).slice(0, digits)}`,
    keyDigest: key === null ? null : hash('understudy: which key made these pseudonyms'),
    revealKey: () => key,
  };
}
