import type { BatchInput } from '../contracts/batch.js';
import { startBatchRun } from './batch-run.js';

/**
 * What a Schedule starts, since it gives every workflow that it starts an id of its own: the batch has one id, by which
 * it is paused. While a run works or waits, there is nothing to start.
 */
export const scheduledBatch = async (input: BatchInput): Promise<'started' | 'runs already'> =>
  (await startBatchRun(input)) ? 'started' : 'runs already';
