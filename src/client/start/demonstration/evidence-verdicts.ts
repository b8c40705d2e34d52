import type { Client } from '@temporalio/client';
import { workflowIds } from '../../../contracts/names.js';
import { releaseMessages, type Progress } from '../../../contracts/release.js';

/** The evaluation's verdicts: the release's own progress keeps them while its rollout goes on. */
export async function evidenceVerdicts({
  temporal,
  releaseId,
}: {
  temporal: Client;
  releaseId: string;
}): Promise<Progress['verdicts']> {
  const progress = await temporal.workflow.getHandle(workflowIds.release(releaseId)).query(releaseMessages.progress);
  return progress.verdicts;
}
