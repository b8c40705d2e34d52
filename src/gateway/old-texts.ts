import { removeOldLiveTexts } from '../activities/live-text-retention.js';
import type { ArtifactStore } from '../activities/ports.js';
import type { Clock } from './clock.js';
import type { PlanReader } from './plan-reader.js';

export const tidyMilliseconds = 3_600_000;
/** Soon after the start too: gateways that never live for an hour would keep texts for ever. */
export const firstTidyMilliseconds = 60_000;

/** Removes texts of live traffic that are older than the specs of the models served here let them be. */
export async function removeOldTexts({
  store,
  plans,
  clock,
}: {
  store: ArtifactStore;
  plans: PlanReader;
  clock: Clock;
}): Promise<void> {
  for (const { plan, requestLog } of plans.states())
    await removeOldLiveTexts({ store, model: plan.model, retention: requestLog.retention, now: clock() });
}
