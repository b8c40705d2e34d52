import { ownerName, type Cause } from '../domain/audit/cause.js';
import type { KeptRelease, Withdrawal } from '../domain/release/lifecycle-state.js';
import type { PlanOwner } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import { createCompensations, undoAll, type Compensations } from './compensation.js';

/** `briefCall` where somebody waits for the answer, `singleTry` where it is tried again later. */
type Profile = 'briefCall' | 'singleTry';

/** Loads a release that served before, where it is not loaded still. */
export async function serveAgain({
  model,
  kept,
  profile = 'briefCall',
}: {
  model: string;
  kept: KeptRelease;
  profile?: Profile;
}): Promise<void> {
  const { releaseId, base, adapter } = kept;
  const { deployRelease } = activitiesFor({ profile, queue: 'orchestration', summary: `serve ${releaseId} again` });
  await deployRelease({ model, releaseId, base, adapter });
}

/** Gives `champion` every user, however long it takes. */
export async function restoreTraffic({
  model,
  owner,
  champion,
  reason,
  cause,
}: {
  model: string;
  owner: PlanOwner;
  champion: KeptRelease;
  reason: string;
  cause: Cause;
}): Promise<{ revision: number; at: string } | null> {
  const { restoreChampion } = activitiesFor({
    profile: 'trafficChange',
    queue: 'traffic',
    summary: `all traffic to ${champion.releaseId}`,
  });
  return await restoreChampion({ model, owner, champion: champion.target, reason, cause });
}

/**
 * What must follow once `champion` has every user: it is served, the aliases name it, what is `withdrawn` takes no
 * slot any more, and records tell of their `withdrawals`. Each is bounded, since people wait behind it.
 */
export function afterTraffic({
  model,
  champion,
  withdrawn,
  withdrawals = [],
  step,
  reason,
  cause,
  profile = 'briefCall',
}: {
  model: string;
  champion: KeptRelease;
  withdrawn: readonly string[];
  withdrawals?: readonly Withdrawal[];
  step: string;
  reason: string;
  cause: Cause | null;
  profile?: Profile;
}): Compensations {
  const steps = createCompensations();
  const call = (summary: string) => activitiesFor({ profile, queue: 'orchestration', summary });
  for (const withdrawal of withdrawals.toReversed()) {
    const { releaseId } = withdrawal;
    const undo = () => call(`record the withdrawal of ${releaseId}`).recordWithdrawal({ model, withdrawal });
    steps.add({ name: `record of ${releaseId}`, undo });
  }
  for (const releaseId of withdrawn)
    steps.add({
      name: `retire ${releaseId}`,
      undo: () => call(`retire ${releaseId}`).retireRelease({ model, releaseId }),
    });
  const aliases = { model, champion: champion.version, challenger: null, step, reason, cause };
  steps.add({ name: 'aliases', undo: () => call('move the aliases back').moveAliases(aliases) });
  steps.add({ name: 'serving', undo: () => serveAgain({ model, kept: champion, profile }) });
  return steps;
}

/**
 * Traffic, serving and aliases back to `champion`, whichever of them `releaseId` has changed before it was lost. What
 * fails does not stop the rest; it is told to people and returned as reasons.
 */
export async function takeBack(input: {
  model: string;
  owner: PlanOwner;
  champion: KeptRelease;
  releaseId: string;
  /** What takes no slot any more; empty where whoever served it sees to that. */
  withdrawn: readonly string[];
  withdrawals?: readonly Withdrawal[];
  step: string;
  reason: string;
  /** The person who asked for it; absent where nobody did. */
  by?: string | undefined;
}): Promise<string[]> {
  const { model, releaseId, owner, by } = input;
  const cause = { actor: by ?? ownerName(owner), releaseId, evidenceDigest: null };
  const compensations = afterTraffic({ ...input, cause });
  compensations.add({ name: 'traffic', undo: () => restoreTraffic({ ...input, cause }) });
  // A champion can be given everything back more than once, under a higher epoch each time.
  return await undoAll({ compensations, model, releaseId, where: `lifecycle-${owner.epoch}` });
}
