import type { Notification, Notifier } from '../../activities/ports.js';
import { postJson } from './post-json.js';
import { keyHeader, sign, signatureHeader, timestampHeader } from './signature.js';

/** Posts notifications as JSON to an address, signed (see `signature.ts`). */
export class WebhookNotifier implements Notifier {
  readonly #url: string;
  readonly #secret: string;
  readonly #timeoutMilliseconds: number | undefined;
  readonly #now: () => Date;

  constructor({
    url,
    secret,
    timeoutMilliseconds,
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
    const body = JSON.stringify(notification);
    const timestamp = String(Math.floor(this.#now().getTime() / 1000));
    await postJson({
      url: this.#url,
      what: `webhook at ${new URL(this.#url).host}`,
      body,
      headers: {
        [keyHeader]: encodeURIComponent(notification.key),
        [timestampHeader]: timestamp,
        [signatureHeader]: sign({ secret: this.#secret, timestamp, body }),
      },
      ...(this.#timeoutMilliseconds === undefined ? {} : { timeout: this.#timeoutMilliseconds }),
    });
  }
}
