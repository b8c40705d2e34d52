import { ActivityFailure, ApplicationFailure, log, patched, workflowInfo } from '@temporalio/workflow';
import type { LostRelease, LostReleaseInput } from '../contracts/lost-release.js';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';

/** Whether `awaitRelease` has failed because there is no result, and not because nobody could be asked. */
export const isLost = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === 'ReleaseLost';

const unknown: LostRelease = {
  ...{ outcome: 'failed', stage: 'ended', reasons: [], withdrawnAt: null, costUsd: 0, kept: null },
};

/**
 * Cleans up after a release of which nobody knows how it ended, once its traffic was given back: nobody else stops what
 * it has begun. What fails here is left to the orphan sweep, and said in the reasons.
 * @param known what the release itself says, where it has a result.
 */
export async function endLostRelease(
  lost: Omit<LostReleaseInput, 'workflowId'>,
  known: LostRelease = unknown,
): Promise<LostRelease> {
  const { reason } = lost;
  // Lifecycles of 0.1.0 gave nothing back but the traffic.
  if (!patched('end-lost-release')) return { ...known, reasons: [...known.reasons, reason] };
  const cleaning = activitiesFor({
    // Where there was no champion, nobody else knows whether this one serves by now.
    profile: lost.input.champion ? 'briefCall' : 'quickCall',
    queue: 'orchestration',
    summary: `clean up after ${lost.input.releaseId}`,
  });
  try {
    return await cleaning.endLostRelease({ ...lost, workflowId: workflowInfo().workflowId });
  } catch (error) {
    log.error('nobody cleaned up after a lost release', { error: rootMessage(error) });
    return { ...known, reasons: [...known.reasons, reason, `not undone: ${rootMessage(error)}`] };
  }
}
