import { createHash } from 'node:crypto';
import type { ArtifactStore, Notification, Notifier } from '../../activities/ports.js';

/**
 * Sends a notification's key once through a channel. What was sent is noted in the store after it was sent: a process
 * killed in between sends it again, because a critical message twice is better than never. Receivers can tell by the
 * key.
 */
export class SentOnce implements Notifier {
  readonly #store: ArtifactStore;
  readonly #channel: string;
  readonly #inner: Notifier;
  readonly #sending = new Map<string, Promise<void>>();

  constructor({ store, channel, inner }: { store: ArtifactStore; channel: string; inner: Notifier }) {
    this.#store = store;
    this.#channel = channel;
    this.#inner = inner;
  }

  async notify(notification: Notification): Promise<void> {
    const running = this.#sending.get(notification.key);
    if (running) return running;
    const sending = this.#send(notification).finally(() => this.#sending.delete(notification.key));
    this.#sending.set(notification.key, sending);
    return sending;
  }

  async #send(notification: Notification): Promise<void> {
    const name = createHash('sha256').update(`${this.#channel}\n${notification.key}`).digest('hex');
    const key = `notifications/${name}.json`;
    if (await this.#store.get({ key })) return;
    await this.#inner.notify(notification);
    await this.#store.putIfAbsent({
      key,
      body: Buffer.from(`${JSON.stringify({ channel: this.#channel, key: notification.key })}\n`),
    });
  }
}
