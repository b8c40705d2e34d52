import type { KeptRelease } from '../domain/release/lifecycle-state.js';
import type { PlanOwner } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import { createCompensations } from './compensation.js';

const quick = (summary: string) => activitiesFor({ profile: 'quickCall', queue: 'orchestration', summary });

/** Loads a release that served before, where it is not loaded still. */
export async function serveAgain({ model, kept }: { model: string; kept: KeptRelease }): Promise<void> {
  const { releaseId, base, adapter } = kept;
  await quick(`serve ${releaseId} again`).deployRelease({ model, releaseId, base, adapter });
}

/**
 * Traffic, serving and aliases back to `champion`, whichever of them a release has changed before it was lost. What
 * fails is logged and does not stop the rest.
 */
export async function takeBack(input: {
  model: string;
  owner: PlanOwner;
  champion: KeptRelease;
  step: string;
  reason: string;
}): Promise<void> {
  const { model, owner, champion, step, reason } = input;
  const steps = createCompensations();
  const aliases = { model, champion: champion.version, challenger: null, step, reason };
  steps.add({ name: 'aliases', undo: () => quick('move the aliases back').moveAliases(aliases) });
  steps.add({ name: 'serving', undo: () => serveAgain({ model, kept: champion }) });
  const summary = 'give the champion its traffic back';
  const { restoreChampion } = activitiesFor({ profile: 'trafficChange', queue: 'traffic', summary });
  const restored = { model, owner, champion: champion.target, reason };
  steps.add({ name: 'traffic', undo: () => restoreChampion(restored) });
  await steps.run();
}
