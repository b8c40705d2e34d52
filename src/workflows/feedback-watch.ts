import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { FeedbackWatchInput } from '../contracts/feedback.js';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { activitiesFor } from './activity-options.js';

/** What a Schedule starts: asks the lifecycle for a release where users rate the answers of a category badly. */
export async function feedbackWatch(input: FeedbackWatchInput): Promise<void> {
  const { bad, sentences } = await activitiesFor({
    profile: 'longWork',
    queue: 'data',
    summary: `what users say of ${input.model}`,
  }).readFeedback(input);
  const [worst] = bad;
  if (!worst) return;
  await getExternalWorkflowHandle(workflowIds.lifecycle(input.model)).signal(lifecycleMessages.alert, {
    kind: 'thumbsDown',
    severity: 'critical',
    category: worst.category,
    evidence: sentences.join('; ').slice(0, 2000),
  });
}
