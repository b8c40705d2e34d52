import { log, patched, workflowInfo } from '@temporalio/workflow';
import type { LostRelease, LostReleaseInput } from '../contracts/lost-release.js';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';

/**
 * Cleans up after a release that ended without a result, once its traffic was given back: nobody else stops what it has
 * begun. What fails here is left to the orphan sweep, and said in the reasons.
 */
export async function endLostRelease(lost: Omit<LostReleaseInput, 'workflowId'>): Promise<LostRelease> {
  const { reason } = lost;
  const failed = { outcome: 'failed', stage: 'ended', withdrawnAt: null, costUsd: 0, kept: null } as const;
  // Lifecycles of 0.1.0 gave nothing back but the traffic.
  if (!patched('end-lost-release')) return { ...failed, reasons: [reason] };
  const cleaning = activitiesFor({
    profile: 'briefCall',
    queue: 'orchestration',
    summary: `clean up after ${lost.input.releaseId}`,
  });
  try {
    return await cleaning.endLostRelease({ ...lost, workflowId: workflowInfo().workflowId });
  } catch (error) {
    log.error('nobody cleaned up after a lost release', { error: rootMessage(error) });
    return { ...failed, reasons: [reason, `not undone: ${rootMessage(error)}`] };
  }
}
