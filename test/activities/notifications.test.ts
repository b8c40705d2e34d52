import { expect } from 'chai';
import type { Delivery } from '../../src/activities/notification-channels-port.js';
import { createNotificationActivities, requireChannels } from '../../src/activities/notifications.js';
import { PortError } from '../../src/activities/ports.js';

const delivery = { notification: { key: 'a' }, route: 'r' } as unknown as Delivery;
const notifier = { notify: () => Promise.resolve() };

describe('what people are told', () => {
  it('goes through the channels of this worker', async () => {
    const delivered: Delivery[] = [];
    const channels = {
      problems: () => [],
      deliver: async (one: Delivery) => {
        delivered.push(one);
        return { heldUntil: null };
      },
    };
    const activities = createNotificationActivities({ notifier, channels });
    expect(await activities.deliverNotification(delivery)).to.deep.equal({ heldUntil: null });
    expect(delivered).to.deep.equal([delivery]);
  });

  it('is refused on a worker without channels', async () => {
    const error: unknown = await createNotificationActivities({ notifier })
      .deliverNotification(delivery)
      .catch((one: unknown) => one);
    expect(error).to.be.instanceOf(PortError).and.to.include({ retryable: false });
  });

  it('refuses a spec whose messages would reach nobody, with every problem', () => {
    const deliver = async () => ({ heldUntil: null });
    const channels = { problems: () => ['notify[0] slack: no', 'notify[1] email: no'], deliver };
    expect(() => requireChannels({ routes: [], channels })).to.throw(
      PortError,
      'notify[0] slack: no; notify[1] email: no',
    );
    expect(() => requireChannels({ routes: [], channels: undefined })).not.to.throw();
  });
});
