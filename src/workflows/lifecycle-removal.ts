import { workflowInfo } from '@temporalio/workflow';
import { nextEpoch } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import type { Lifecycle } from './lifecycle-context.js';

/**
 * The end of a model that a person has removed: nothing of it is served any more. Its plan, versions, records and files
 * stay, so that applying its spec again brings the champion back.
 */
export async function retireModel(lifecycle: Lifecycle): Promise<void> {
  const { model, state } = lifecycle;
  const { by, reason } = state.removal!;
  lifecycle.isRetired = true;
  lifecycle.state = { ...state, epoch: nextEpoch(state.epoch) };
  const loaded = [state.champion?.releaseId, ...state.previous.map((one) => one.releaseId)];
  await activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: `stop serving ${model}`,
  }).retireModel({
    ...{ model, by, reason },
    step: `${workflowInfo().workflowId}/${lifecycle.state.epoch}`,
    releases: [...new Set([...loaded, ...(state.unfinishedReturn?.withdrawn ?? [])].flatMap((one) => one ?? []))],
  });
}
