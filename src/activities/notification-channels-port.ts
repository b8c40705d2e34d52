import type { NotifyRoute } from '../domain/spec/notify-spec.js';
import type { Notification } from './ports.js';

/** One notification on its way through one route of its model's spec; `route` is the digest of the route's name. */
export interface Delivery {
  notification: Notification;
  route: string;
}

/** The channels that a worker can send through. */
export interface NotificationChannels {
  /** What of the routes nothing can be sent through, each with how to mend it. */
  problems(routes: readonly NotifyRoute[]): string[];
  /** Sends, or says until when quiet hours hold it back (ISO 8601); null where it is sent or the route is gone. */
  deliver(input: Delivery): Promise<{ heldUntil: string | null }>;
}
