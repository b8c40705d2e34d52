import { CancellationScope, patched } from '@temporalio/workflow';
import type { Approval } from '../contracts/release.js';
import { activitiesFor } from './activity-options.js';

/** Writes answers to the audit log before anything comes of them, also where the release is being ended meanwhile. */
export async function auditAnswers(input: { model: string; releaseId: string; approvals: Approval[] }): Promise<void> {
  // Rollouts that began before wrote their answers down when they ended.
  if (input.approvals.length === 0 || !patched('answers-audited')) return;
  await CancellationScope.nonCancellable(() =>
    activitiesFor({
      profile: 'quickCall',
      queue: 'orchestration',
      summary: 'write down who answered',
    }).auditApprovals(input),
  );
}
