import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { Delivery } from '../../activities/notification-channels-port.js';
import { fairnessOf, queueName, searchAttributes } from '../../contracts/names.js';
import { notificationWorkflowId } from '../../contracts/notification.js';
import { shownSummary } from '../../contracts/shown-text.js';

/**
 * Puts deliveries on their way by a workflow each, which waits for the end of quiet hours and tries again by itself.
 * One key through one route is one workflow, also long after it has ended.
 */
export const postDelivery =
  ({ client, queuePrefix = '' }: { client: Client; queuePrefix?: string }) =>
  async (delivery: Delivery): Promise<void> => {
    const { key, title, severity, model } = delivery.notification;
    try {
      await client.workflow.start('deliverNotification', {
        workflowId: notificationWorkflowId({ key, route: delivery.route }),
        taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: shownSummary(`${severity}: ${title}`),
        priority: fairnessOf(model),
        typedSearchAttributes: [{ key: searchAttributes.model, value: model }],
        args: [delivery],
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };
