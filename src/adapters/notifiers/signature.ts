import { createHmac, timingSafeEqual } from 'node:crypto';

/** Unix seconds at which the webhook was signed. */
export const timestampHeader = 'x-understudy-timestamp';
/** `v1=` and the signature in hexadecimal; several, joined by commas, while a secret is rotated. */
export const signatureHeader = 'x-understudy-signature';
/** The notification's key: the same key is the same notification, sent again. */
export const keyHeader = 'x-understudy-key';

const scheme = 'v1=';

/** How far a timestamp may lie from the receiver's clock, in seconds; older ones may be replays. */
export const toleranceSeconds = 300;

/** HMAC-SHA256 over `<timestamp>.<body>`, as the signature header carries it. */
export const sign = ({ secret, timestamp, body }: { secret: string; timestamp: string; body: string }): string =>
  `${scheme}${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

/**
 * For receivers: whether a webhook comes from whoever holds the secret and is not a replay. `body` must be the bytes
 * as received, before any parsing; `now` in milliseconds since 1970. Compares in constant time.
 */
export function verifySignature({
  secret,
  timestamp,
  signature,
  body,
  now,
}: {
  secret: string;
  timestamp: string;
  signature: string;
  body: string;
  now: number;
}): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const expected = Buffer.from(sign({ secret, timestamp, body }));
  return signature.split(',').some((given) => {
    const candidate = Buffer.from(given.trim());
    return candidate.length === expected.length && timingSafeEqual(candidate, expected);
  });
}
