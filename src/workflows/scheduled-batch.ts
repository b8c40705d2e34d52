import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { BatchInput } from '../contracts/batch.js';
import { searchAttributes, workflowIds } from '../contracts/names.js';
import { batchInference } from './batch-inference.js';

/**
 * What a Schedule starts, since it gives every workflow that it starts an id of its own: the batch has one id, by which
 * it is paused. While a run works or waits, there is nothing to start.
 */
export async function scheduledBatch(input: BatchInput): Promise<'started' | 'runs already'> {
  try {
    await startChild(batchInference, {
      workflowId: workflowIds.batch(input.model),
      taskQueue: workflowInfo().taskQueue,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `summaries of ${input.model}`,
      typedSearchAttributes: [{ key: searchAttributes.model, value: input.model }],
      args: [input],
    });
    return 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'runs already';
    throw error;
  }
}
