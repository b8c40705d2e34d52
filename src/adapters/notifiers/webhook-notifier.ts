import type { Notification, Notifier } from '../../activities/ports.js';
import { httpFailure, networkFailure } from '../http-failure.js';
import { keyHeader, sign, signatureHeader, timestampHeader } from './signature.js';

const defaultTimeoutMilliseconds = 10_000;

/**
 * Posts notifications as JSON to an address, signed (see `signature.ts`). Any 2xx counts as received; redirects are
 * refused, because a signed body is meant for one receiver.
 */
export class WebhookNotifier implements Notifier {
  readonly #url: string;
  readonly #secret: string;
  readonly #timeoutMilliseconds: number;
  readonly #now: () => Date;

  constructor({
    url,
    secret,
    timeoutMilliseconds = defaultTimeoutMilliseconds,
    now = () => new Date(),
  }: {
    url: string;
    secret: string;
    timeoutMilliseconds?: number;
    now?: () => Date;
  }) {
    this.#url = url;
    this.#secret = secret;
    this.#timeoutMilliseconds = timeoutMilliseconds;
    this.#now = now;
  }

  async notify(notification: Notification): Promise<void> {
    // The path of a webhook is often its password, so messages name the host alone.
    const what = `webhook at ${new URL(this.#url).host}`;
    const body = JSON.stringify(notification);
    const timestamp = String(Math.floor(this.#now().getTime() / 1000));
    const answer = await fetch(this.#url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        [keyHeader]: encodeURIComponent(notification.key),
        [timestampHeader]: timestamp,
        [signatureHeader]: sign({ secret: this.#secret, timestamp, body }),
      },
      body,
      signal: AbortSignal.timeout(this.#timeoutMilliseconds),
    }).catch((error: unknown) => {
      throw networkFailure({ what, error });
    });
    const detail = await answer.text().catch(() => '');
    if (answer.ok) return;
    throw httpFailure({ what, status: answer.status, headers: answer.headers, detail });
  }
}
