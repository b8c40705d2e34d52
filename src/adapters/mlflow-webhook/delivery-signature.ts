import { createHmac, timingSafeEqual } from 'node:crypto';
import { toleranceSeconds } from '../notifiers/signature.js';

/** What MLflow says of a delivery in its headers (mlflow/webhooks/constants.py). */
export interface DeliveryHeaders {
  'x-mlflow-delivery-id'?: string;
  /** Unix seconds. */
  'x-mlflow-timestamp'?: string;
  /** `v1,` and the signature in base64. */
  'x-mlflow-signature'?: string;
}

/** As MLflow signs: HMAC-SHA256 over `<delivery id>.<timestamp>.<body>` (mlflow/webhooks/delivery.py of 3.17). */
export const signDelivery = ({
  secret,
  deliveryId,
  timestamp,
  body,
}: {
  secret: string;
  deliveryId: string;
  timestamp: string;
  body: string;
}): string => `v1,${createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.${body}`).digest('base64')}`;

/**
 * Why a delivery is not taken; null where it comes from whoever holds the secret and is no older than five minutes.
 * `body` is as it was received, `now` in milliseconds since 1970. Compares in constant time.
 */
export function problemOfDelivery({
  secret,
  headers,
  body,
  now,
}: {
  secret: string;
  headers: DeliveryHeaders;
  body: string;
  now: number;
}): string | null {
  const {
    'x-mlflow-delivery-id': deliveryId = '',
    'x-mlflow-timestamp': timestamp = '',
    'x-mlflow-signature': signature = '',
  } = headers;
  if (signature === '') return 'is not signed: give the webhook a secret';
  const expected = Buffer.from(signDelivery({ secret, deliveryId, timestamp, body }));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return 'is signed with another secret, or was changed on the way';
  const seconds = Math.abs(now / 1000 - Number(timestamp));
  return seconds <= toleranceSeconds
    ? null
    : `was signed ${Math.round(seconds)} s from now, expected ${toleranceSeconds} s`;
}
