import type { Notification, Notifier } from '../../activities/ports.js';
import { postJson } from './post-json.js';
import { slackMessage } from './slack-blocks.js';

/** Posts to one channel of Slack through its incoming webhook, whose address is its password. */
export class SlackNotifier implements Notifier {
  readonly #url: string;
  readonly #channel: string;

  constructor({ url, channel }: { url: string; channel: string }) {
    this.#url = url;
    this.#channel = channel;
  }

  async notify(notification: Notification): Promise<void> {
    await postJson({
      url: this.#url,
      what: `Slack channel ${this.#channel}`,
      body: JSON.stringify(slackMessage(notification)),
    });
  }
}
