import type { Notification, Ports } from './ports.js';

export function createNotificationActivities({ notifier }: Pick<Ports, 'notifier'>) {
  return {
    async sendNotification(input: Notification): Promise<void> {
      await notifier.notify(input);
    },
  };
}
