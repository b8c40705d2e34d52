import { ApplicationFailure, continueAsNew, sleep } from '@temporalio/workflow';

/** Ends as it is told, after one continue-as-new. */
export async function ending({ how, again }: { how: 'complete' | 'fail' | 'wait'; again: boolean }): Promise<unknown> {
  if (again) return continueAsNew<typeof ending>({ how, again: false });
  if (how === 'fail') throw ApplicationFailure.nonRetryable('no data', 'DataRefused');
  if (how === 'wait') await sleep('1 day');
  return { outcome: 'promoted' };
}
