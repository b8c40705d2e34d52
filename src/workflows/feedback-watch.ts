import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { summariesCategory, type FeedbackWatchInput } from '../contracts/feedback.js';
import { lifecycleMessages } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { activitiesFor } from './activity-options.js';
import { holdBatch, releaseBatch } from './batch-run.js';

/**
 * What a Schedule starts: asks the lifecycle for a release where users rate the answers of a category badly. Where those
 * are summaries, their batch is held until a release serves that nobody rates so.
 */
export async function feedbackWatch(input: FeedbackWatchInput): Promise<void> {
  const { bad, sentences, batch } = await activitiesFor({
    profile: 'longWork',
    queue: 'data',
    summary: `what users say of ${input.model}`,
  }).readFeedback(input);
  const [worst] = bad;
  const summaries = bad.find(({ category }) => category === summariesCategory);
  if (batch && !summaries) await releaseBatch(batch);
  if (!worst) return;
  const evidence = sentences.join('; ').slice(0, 2000);
  await getExternalWorkflowHandle(workflowIds.lifecycle(input.model)).signal(lifecycleMessages.alert, {
    kind: 'thumbsDown',
    severity: 'critical',
    category: worst.category,
    evidence,
  });
  if (batch && summaries) await holdBatch({ batch, reason: evidence });
}
