import { createHash } from 'node:crypto';
import type { Notification, Notifier } from '../../activities/ports.js';
import { postJson } from './post-json.js';

/** PagerDuty's limits, of a summary and of the key that events of one cause share. */
const summaryCharacters = 1024;
const keyCharacters = 255;

const dedupKey = (key: string): string =>
  key.length <= keyCharacters ? key : createHash('sha256').update(key).digest('hex');

/** Triggers an alert by PagerDuty's Events API v2 (`/v2/enqueue`); events of one key are one alert. */
export class PagerDutyNotifier implements Notifier {
  readonly #url: string;
  readonly #routingKey: string;
  readonly #channel: string;

  constructor({ url, routingKey, channel }: { url: string; routingKey: string; channel: string }) {
    this.#url = url;
    this.#routingKey = routingKey;
    this.#channel = channel;
  }

  async notify({ key, severity, title, body, model, releaseId }: Notification): Promise<void> {
    await postJson({
      url: `${this.#url}/v2/enqueue`,
      what: `PagerDuty service ${this.#channel}`,
      body: JSON.stringify({
        routing_key: this.#routingKey,
        event_action: 'trigger',
        dedup_key: dedupKey(key),
        client: 'Understudy',
        payload: {
          summary: title.slice(0, summaryCharacters),
          source: releaseId ?? model,
          severity,
          component: model,
          group: model,
          class: key.split('/').at(-1),
          custom_details: { body },
        },
      }),
    });
  }
}
