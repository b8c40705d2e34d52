import { getExternalWorkflowHandle, log } from '@temporalio/workflow';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';

/** What a Schedule starts every minute: tells each lifecycle of the version that somebody wants rolled out. */
export async function promotionWatch(): Promise<void> {
  const found = await activitiesFor({
    profile: 'briefCall',
    queue: 'orchestration',
    summary: 'look for the alias promote',
  }).findPromotions();
  for (const { model, version } of found)
    await getExternalWorkflowHandle(workflowIds.lifecycle(model))
      .signal(lifecycleMessages.promotionAsked, { version })
      .catch((error: unknown) => log.info('no lifecycle to tell', { model, version, error: rootMessage(error) }));
}
