import { sleep } from '@temporalio/workflow';
import type { Delivery } from '../activities/notification-channels-port.js';
import { activitiesFor } from './activity-options.js';

/** What clocks may differ by; a timer that fires early would find the same quiet hours once more. */
const clockMilliseconds = 1000;

/** Brings one notification through one route, when its quiet hours are over and the receiver takes it. */
export async function deliverNotification(delivery: Delivery): Promise<void> {
  for (;;) {
    const { heldUntil } = await activitiesFor({
      profile: 'quickCall',
      queue: 'orchestration',
      summary: delivery.notification.title,
    }).deliverNotification(delivery);
    if (heldUntil === null) return;
    const left = Math.max(0, Date.parse(heldUntil) - Date.now());
    await sleep(left + clockMilliseconds, { summary: `quiet hours until ${heldUntil}` });
  }
}
