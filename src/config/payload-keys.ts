import { z } from 'zod';
import { Secret } from './secret.js';

/** A key that payloads are encrypted with; its bytes in base64. */
export interface PayloadKey {
  id: string;
  key: Secret;
}

const keyBytes = 32;
const expected = `expected id:key, comma between several, each key ${keyBytes} bytes in base64 and each id once`;
const keyId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function parseKey(text: string): PayloadKey | null {
  const colon = text.indexOf(':');
  if (colon < 1) return null;
  const [id, key] = [text.slice(0, colon), text.slice(colon + 1)];
  const bytes = Buffer.from(key, 'base64');
  const canonical = bytes.toString('base64') === key && bytes.length === keyBytes;
  return keyId.test(id) && canonical ? { id, key: new Secret(key) } : null;
}

/** `id:key,id:key`: the first writes, all read. */
export const payloadKeys = z.string().transform((text, context): PayloadKey[] => {
  const keys = text.split(',').map((one) => parseKey(one.trim()));
  const known = keys.filter((one) => one !== null);
  if (known.length === keys.length && new Set(known.map(({ id }) => id)).size === keys.length) return known;
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
});
