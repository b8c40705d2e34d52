import {
  type ArtifactStore,
  type Notification,
  type Notifier,
  PortError,
  type Severity,
} from '../../activities/ports.js';
import type { ModelSpec } from '../../domain/spec/model-spec.js';
import { ConsoleNotifier } from './console-notifier.js';
import { LogNotifier } from './log-notifier.js';
import { SentOnce } from './sent-once.js';
import { WebhookNotifier } from './webhook-notifier.js';

/** One line of a spec's `notify`. */
export type NotifyRoute = ModelSpec['notify'][number];

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * Sends a notification through every route of its model's spec whose `from` it reaches. All routes are tried; when
 * some fail the call rejects with the first failure worth a retry, else the first, and a retry goes only through those
 * that failed.
 */
export class FanOutNotifier implements Notifier {
  readonly #routesOf: (model: string) => Promise<readonly NotifyRoute[]>;
  readonly #open: (route: NotifyRoute) => Notifier;
  readonly #opened = new Map<string, Notifier>();

  constructor({
    routesOf,
    open,
  }: {
    routesOf: (model: string) => Promise<readonly NotifyRoute[]>;
    open: (route: NotifyRoute) => Notifier;
  }) {
    this.#routesOf = routesOf;
    this.#open = open;
  }

  async notify(notification: Notification): Promise<void> {
    const routes = await this.#routesOf(notification.model);
    const wanted = routes.filter((route) => rank[notification.severity] >= rank[route.from]);
    const results = await Promise.allSettled(wanted.map(async (route) => this.#channel(route).notify(notification)));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failures.length === 0) return;
    throw failures.find((failure) => failure instanceof PortError && failure.retryable) ?? failures[0];
  }

  #channel(route: NotifyRoute): Notifier {
    const name = channelName(route);
    const channel = this.#opened.get(name) ?? this.#open(route);
    this.#opened.set(name, channel);
    return channel;
  }
}

/** What tells one channel from another. */
export const channelName = ({ kind, url, channel }: NotifyRoute): string => `${kind} ${url ?? channel ?? ''}`.trim();

/** Opens the channels that need nothing but this machine and a secret; each sends a key once. */
export function channelOpener({
  store,
  home,
  webhookSecret,
}: {
  store: ArtifactStore;
  home: string;
  /** What webhooks are signed with; null where none is set. */
  webhookSecret: string | null;
}): (route: NotifyRoute) => Notifier {
  const inner = (route: NotifyRoute): Notifier => {
    if (route.kind === 'console') return new ConsoleNotifier();
    if (route.kind === 'log') return new LogNotifier({ home });
    if (route.kind === 'slack')
      throw new PortError('InvalidInput', 'notify.kind slack: is not available here; expected console, log or webhook');
    if (!route.url)
      throw new PortError('InvalidInput', 'notify.url: is missing; a webhook needs the address to post to');
    if (!webhookSecret)
      throw new PortError(
        'InvalidInput',
        'UNDERSTUDY_WEBHOOK_SECRET: is not set; a webhook needs a secret to sign with',
      );
    return new WebhookNotifier({ url: route.url, secret: webhookSecret });
  };
  return (route) => new SentOnce({ store, channel: channelName(route), inner: inner(route) });
}
