import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { batchMessages, qualityAlert, type BatchInput, type PauseBatch } from '../contracts/batch.js';
import { searchAttributes, workflowIds } from '../contracts/names.js';
import { shownSummary } from '../contracts/shown-text.js';
import { batchInference } from './batch-inference.js';

/**
 * Starts the batch of a model under its one id, by which it is paused; false where a run works or waits already. The run
 * outlives the workflow that started it.
 */
export async function startBatchRun(input: BatchInput): Promise<boolean> {
  try {
    await startChild(batchInference, {
      workflowId: workflowIds.batch(input.model),
      taskQueue: workflowInfo().taskQueue,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: shownSummary(`summaries of ${input.model}`),
      typedSearchAttributes: [{ key: searchAttributes.model, value: input.model }],
      args: [input],
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Of signal and start, either may come too late for a run that begins or ends meanwhile. */
const attempts = 5;

/**
 * Holds the batch of a model at once where its summaries are rated badly. Where none runs, one is started that waits, so
 * that the Schedule starts no other. A run that somebody has paused stays as it is.
 */
export async function holdBatch({ batch, reason }: { batch: BatchInput; reason: string }): Promise<void> {
  const paused: PauseBatch = { by: qualityAlert, reason };
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (await isSignalled(() => runOf(batch.model).signal(batchMessages.pause, paused))) return;
    if (await startBatchRun({ ...batch, paused })) return;
  }
}

/** Lets go on what `holdBatch` has held; what a person has paused stays so. */
export const releaseBatch = async ({ model }: BatchInput): Promise<void> =>
  void (await isSignalled(() => runOf(model).signal(batchMessages.resume, { by: qualityAlert })));

const runOf = (model: string) => getExternalWorkflowHandle(workflowIds.batch(model));

/** False where there is no such run. */
async function isSignalled(signal: () => Promise<void>): Promise<boolean> {
  try {
    await signal();
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}
