import { effectivePlan, type PlanOwner, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import type { TrafficRouter } from './ports.js';

/** Whose plan somebody watches. */
export interface Watched {
  releaseId: string;
  model: string;
  owner: PlanOwner;
  leaseMilliseconds: number;
}

/** Why the watched plan is no longer ours to watch; null while it is. */
export function movedReason({ plan, watched }: { plan: TrafficPlan | null; watched: Watched }): string | null {
  const { owner, releaseId, model } = watched;
  if (!plan) return `${model} has no traffic plan`;
  if (plan.owner.workflowId !== owner.workflowId || plan.owner.epoch !== owner.epoch)
    return `plan revision ${plan.revision} belongs to ${plan.owner.workflowId} epoch ${plan.owner.epoch}, not ${owner.workflowId} epoch ${owner.epoch}`;
  if (plan.challenger?.releaseId !== releaseId)
    return `plan revision ${plan.revision} names no challenger ${releaseId}`;
  return null;
}

/** Renews the lease of the plan once a third of it is over; one that has lapsed stays so. */
export async function renewLease({
  router,
  plan,
  watched,
  now,
}: {
  router: TrafficRouter;
  plan: TrafficPlan;
  watched: Watched;
  now: string;
}): Promise<void> {
  if (!plan.lease || effectivePlan({ plan, now }).lapsed) return;
  const left = Date.parse(plan.lease.until) - Date.parse(now);
  if (left > (watched.leaseMilliseconds * 2) / 3) return;
  const until = new Date(Date.parse(now) + watched.leaseMilliseconds).toISOString();
  await router.renewLease({ model: watched.model, revision: plan.revision, owner: watched.owner, until });
}
