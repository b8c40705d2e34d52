import type { NotifyRoute } from '../domain/spec/notify-spec.js';
import type { Delivery, NotificationChannels } from './notification-channels-port.js';
import { PortError, type Notification, type Ports } from './ports.js';

/** What people are told: by every route of the model's spec, and through one of them. */
export function createNotificationActivities({ notifier, channels }: Pick<Ports, 'notifier' | 'channels'>) {
  return {
    async sendNotification(input: Notification): Promise<void> {
      await notifier.notify(input);
    },

    async deliverNotification(delivery: Delivery): Promise<{ heldUntil: string | null }> {
      if (!channels) throw new PortError('InvalidInput', 'this worker has no channels to deliver through');
      return channels.deliver(delivery);
    },
  };
}

/**
 * Refuses a spec whose messages would reach nobody, before a release has any to send.
 * @throws PortError `InvalidInput`, saying how to mend each route.
 */
export function requireChannels({
  routes,
  channels,
}: {
  routes: readonly NotifyRoute[];
  channels: NotificationChannels | undefined;
}): void {
  const problems = channels?.problems(routes) ?? [];
  if (problems.length > 0) throw new PortError('InvalidInput', problems.join('; '));
}
