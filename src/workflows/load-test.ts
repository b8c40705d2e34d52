import { ActivityCancellationType, setHandler } from '@temporalio/workflow';
import type { LoadInput, LoadResult } from '../contracts/load.js';
import { releaseMessages } from '../contracts/release.js';
import { activitiesFor } from './activity-options.js';
import { pinned } from './pinned.js';
import { keepProgress } from './progress.js';

pinned(loadTest);

/**
 * Asks a served release as many questions a second as are expected at its peak and more, none of which a user sees
 * answered. It may run alone.
 */
export async function loadTest(input: LoadInput): Promise<LoadResult> {
  const progress = keepProgress(input);
  setHandler(releaseMessages.progress, () => progress.current);
  progress.enter('load');
  const result = await activitiesFor({
    profile: 'longWork',
    queue: 'cluster',
    summary: `ask ${input.releaseId} ${input.perSecond} questions a second`,
    options: { cancellationType: ActivityCancellationType.TRY_CANCEL },
  }).runLoadTest(input);
  progress.update({ verdicts: result.verdicts, evidenceDigest: result.evidenceDigest });
  return result;
}
