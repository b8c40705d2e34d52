import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { Delivery } from '../../src/activities/notification-channels-port.js';
import { PortError } from '../../src/activities/ports.js';
import { toFailure } from '../../src/activities/failures.js';
import { postDelivery } from '../../src/adapters/temporal/post-delivery.js';
import { notificationWorkflowId } from '../../src/contracts/notification.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';

const delivery: Delivery = {
  route: '0123456789abcdef',
  notification: {
    ...{ key: 'support-assistant-r3/ended', severity: 'warning', title: 'support-assistant-r3: rolledBack' },
    ...{ body: 'error rate 9.8 % > 2 %', model: 'support-assistant', releaseId: 'support-assistant-r3' },
  },
};

describe('delivery of a notification', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await timeSkippingEnvironment();
  });
  after(() => environment?.teardown());

  /** Posts the delivery twice to a channel that answers as `answers` says, one after the other. */
  const play = (
    answers: (() => Promise<{ heldUntil: string | null }>)[],
    check: (played: { calls: number; elapsed: () => Promise<number>; result: () => Promise<unknown> }) => Promise<void>,
  ): Promise<void> => {
    let calls = 0;
    return onStage({
      environment,
      activities: { deliverNotification: () => answers[Math.min(calls++, answers.length - 1)]!() },
      play: async ({ queuePrefix }: StageSet) => {
        const { client } = environment;
        const key = `${delivery.notification.key}-${queuePrefix}`;
        const own = { ...delivery, notification: { ...delivery.notification, key } };
        const post = postDelivery({ client, queuePrefix });
        const began = await environment.currentTimeMs();
        await post(own);
        await post(own);
        const handle = client.workflow.getHandle(notificationWorkflowId({ key, route: own.route }));
        const result = handle.result().then(
          () => 'delivered',
          (error: unknown) => error,
        );
        await result;
        await post(own);
        await check({ calls, elapsed: async () => (await environment.currentTimeMs()) - began, result: () => result });
      },
    });
  };

  it('sends once, however often it is asked to', () =>
    play([async () => ({ heldUntil: null })], async ({ calls, result }) => {
      expect(await result()).to.equal('delivered');
      expect(calls).to.equal(1);
    }));

  it('waits until quiet hours are over', async () => {
    const heldUntil = new Date((await environment.currentTimeMs()) + 8 * 3_600_000).toISOString();
    const held = async () => ({ heldUntil });
    await play([held, async () => ({ heldUntil: null })], async ({ calls, elapsed }) => {
      expect(calls).to.equal(2);
      expect(await elapsed()).to.be.greaterThan(7.9 * 3_600_000);
    });
  });

  it('tries again as long as the receiver is away, and not where it never takes it', async () => {
    const failing = (type: 'Unavailable' | 'NotFound') => async () => {
      throw toFailure(new PortError(type, 'Slack channel ml-ops: no')) as Error;
    };
    const away = failing('Unavailable');
    await play([away, away, async () => ({ heldUntil: null })], async ({ calls, result }) => {
      expect(await result()).to.equal('delivered');
      expect(calls).to.equal(3);
    });
    await play([failing('NotFound')], async ({ calls, result }) => {
      expect(await result()).to.be.instanceOf(Error);
      expect(calls).to.equal(1);
    });
  });
});
