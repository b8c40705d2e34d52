import { hideSecrets } from '../../activities/hide-secrets.js';
import type { Delivery, NotificationChannels } from '../../activities/notification-channels-port.js';
import {
  type ArtifactStore,
  type Notification,
  type Notifier,
  PortError,
  type Severity,
} from '../../activities/ports.js';
import type { NotifierSettings } from '../../config/notifier-settings.js';
import { secretsIn } from '../../config/secret.js';
import { routeDigest } from '../../contracts/notification.js';
import { routeName, type NotifyRoute } from '../../domain/spec/notify-spec.js';
import { quietUntil } from '../../domain/spec/quiet-hours.js';
import { LogNotifier } from './log-notifier.js';
import { openChannel, problemOf } from './open-channel.js';
import { SentOnce } from './sent-once.js';

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

const isLocal = ({ kind }: NotifyRoute): boolean => kind === 'console' || kind === 'log';

/**
 * Sends a notification through every route of its model's spec whose `from` it reaches: at once where a route ends on
 * this machine, else by `post`, so that no release waits for Slack. All routes are tried; when some fail the call
 * rejects with the first failure worth a retry, else the first. A key is sent once through each route.
 */
export class FanOutNotifier implements Notifier, NotificationChannels {
  readonly #routesOf: (model: string) => Promise<readonly NotifyRoute[]>;
  readonly #store: ArtifactStore;
  readonly #settings: NotifierSettings;
  readonly #home: string;
  readonly #post: (delivery: Delivery) => Promise<void>;
  readonly #now: () => Date;
  readonly #opened = new Map<string, Notifier>();

  constructor({
    routesOf,
    store,
    settings,
    home,
    post,
    now = () => new Date(),
  }: {
    routesOf: (model: string) => Promise<readonly NotifyRoute[]>;
    store: ArtifactStore;
    settings: NotifierSettings;
    home: string;
    /** Puts a delivery on its way, once, whoever asks and however often; it ends in `deliver`. */
    post: (delivery: Delivery) => Promise<void>;
    now?: () => Date;
  }) {
    this.#routesOf = routesOf;
    this.#store = store;
    this.#settings = settings;
    this.#home = home;
    this.#post = post;
    this.#now = now;
  }

  problems(routes: readonly NotifyRoute[]): string[] {
    return routes.flatMap((route, index) => {
      const problem = problemOf({ route, settings: this.#settings });
      return problem === null ? [] : [`notify[${index}] ${problem}`];
    });
  }

  async notify(notification: Notification): Promise<void> {
    const routes = await this.#routesOf(notification.model);
    const wanted = routes.filter((route) => rank[notification.severity] >= rank[route.from]);
    const results = await Promise.allSettled(
      wanted.map(async (route) =>
        isLocal(route)
          ? this.#channel(route).notify(notification)
          : this.#post({ notification, route: routeDigest(route) }),
      ),
    );
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failures.length === 0) return;
    throw failures.find((failure) => failure instanceof PortError && failure.retryable) ?? failures[0];
  }

  async deliver({ notification, route: digest }: Delivery): Promise<{ heldUntil: string | null }> {
    const routes = await this.#routesOf(notification.model);
    // A spec may name a channel twice: by day from `info` on, and at any time from `warning` on.
    const named = routes.filter((one) => routeDigest(one) === digest);
    const reached = named.filter((one) => rank[notification.severity] >= rank[one.from]);
    const lines = reached.length > 0 ? reached : named;
    const [route] = lines;
    // A spec that was applied since wants it sent elsewhere, or nowhere.
    if (!route) return { heldUntil: null };
    const heldUntil = this.#heldUntil({ notification, routes: lines });
    if (heldUntil !== null) return { heldUntil };
    try {
      await this.#channel(route).notify(notification);
    } catch (error) {
      if (error instanceof PortError && !error.retryable) await this.#noteUndelivered({ notification, error });
      throw error;
    }
    return { heldUntil: null };
  }

  /** When the first of the routes lets a notification through; null where one does now. */
  #heldUntil({ notification, routes }: { notification: Notification; routes: readonly NotifyRoute[] }): string | null {
    if (notification.severity === 'critical') return null;
    const now = this.#now().toISOString();
    const ends = routes.map((one) => quietUntil({ quietHours: 'quietHours' in one ? one.quietHours : null, now }));
    return ends.includes(null) ? null : ends.sort()[0]!;
  }

  /** What no retry mends stands in the log of this machine at least. Channels repeat what they were sent. */
  async #noteUndelivered({ notification, error }: { notification: Notification; error: PortError }): Promise<void> {
    const said = hideSecrets(secretsIn(this.#settings))(error.message);
    const body = `${notification.body}\n(not delivered: ${said})`;
    await new LogNotifier({ home: this.#home }).notify({ ...notification, body });
  }

  #channel(route: NotifyRoute): Notifier {
    const name = routeName(route);
    const channel =
      this.#opened.get(name) ??
      new SentOnce({
        store: this.#store,
        channel: name,
        inner: openChannel({ route, settings: this.#settings, home: this.#home }),
      });
    this.#opened.set(name, channel);
    return channel;
  }
}
