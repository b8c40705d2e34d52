import { z } from 'zod';

const share = z.number().min(0).max(1);

/** What answers: one release at one endpoint. */
export const targetSchema = z.object({
  releaseId: z.string().min(1),
  endpoint: z.string().min(1).describe('base URL of an OpenAI-compatible server, ending in /v1'),
  adapter: z.string().min(1).describe('the model name to ask the endpoint for'),
  promptDigest: z.string().nullable(),
  indexVersion: z.string().nullable(),
});
export type Target = z.infer<typeof targetSchema>;

export const planOwnerSchema = z.object({ workflowId: z.string().min(1), epoch: z.number().int().min(0) });
export type PlanOwner = z.infer<typeof planOwnerSchema>;

/**
 * Which release gets which share, absolute, never a delta. Revisions rise by one, written by compare-and-set only; a
 * plan that sends anything to a challenger carries a lease that the watcher must renew.
 */
export const trafficPlanSchema = z
  .object({
    model: z.string().min(1),
    revision: z.number().int().min(1),
    owner: planOwnerSchema,
    champion: targetSchema,
    challenger: targetSchema.nullable(),
    challengerShare: share,
    mirrorShare: share,
    holdback: share,
    lease: z.object({ until: z.iso.datetime(), fallback: targetSchema }).nullable(),
    salt: z.string().min(1),
    stickyKey: z.enum(['user', 'session', 'request']),
    reason: z.string(),
    at: z.iso.datetime(),
  })
  .superRefine((plan, context) => {
    const touchesUsers = plan.challengerShare > 0 || plan.mirrorShare > 0;
    if (touchesUsers && plan.challenger === null)
      context.addIssue({ code: 'custom', path: ['challenger'], message: 'a share needs a challenger to send it to' });
    if (touchesUsers && plan.lease === null)
      context.addIssue({ code: 'custom', path: ['lease'], message: 'a challenger or mirror share needs a lease' });
  });
export type TrafficPlan = z.infer<typeof trafficPlanSchema>;

export type Arm = 'champion' | 'challenger';

/** The plan as it holds at `now` (ISO 8601): once the lease has lapsed, the fallback alone, nothing else changed. */
export function effectivePlan({ plan, now }: { plan: TrafficPlan; now: string }): TrafficPlan & { lapsed: boolean } {
  const lapsed = plan.lease !== null && Date.parse(now) >= Date.parse(plan.lease.until);
  // Named first, spread last: the other way round V8 makes a new shape of every plan, of which there is one a request.
  if (!lapsed) return { lapsed, ...plan };
  return { lapsed, ...plan, champion: plan.lease!.fallback, challengerShare: 0, mirrorShare: 0 };
}

/** The share of buckets the challenger really has: the holdback stays on the champion whatever the plan's share. */
export const challengerBuckets = (
  plan: Pick<TrafficPlan, 'challengerShare' | 'holdback'>,
  bucketCount: number,
): number => Math.round(Math.min(plan.challengerShare, 1 - plan.holdback) * bucketCount);

/** Which arm serves a bucket. The challenger owns the lowest ones, so a higher share only ever adds users to it. */
export function armOf({ plan, bucket, bucketCount }: { plan: TrafficPlan; bucket: number; bucketCount: number }): Arm {
  return plan.challenger !== null && bucket < challengerBuckets(plan, bucketCount) ? 'challenger' : 'champion';
}

/**
 * Epochs of running writers are even. Whoever gives the champion its traffic back writes with the odd one after it, so
 * that a late write of what it closes is fenced out.
 */
export const closingOwner = (owner: PlanOwner): PlanOwner => ({ ...owner, epoch: owner.epoch + 1 - (owner.epoch % 2) });

/** Whether a plan of this owner gave the champion its traffic back. */
export const isClosing = ({ epoch }: PlanOwner): boolean => epoch % 2 === 1;

/** The first epoch that fences out `epoch` and its closing. */
export const nextEpoch = (epoch: number): number => epoch + 2 - (epoch % 2);

/** What may change from one revision to the next. */
export interface PlanChange {
  champion?: Target;
  challenger?: Target | null;
  challengerShare?: number;
  mirrorShare?: number;
  holdback?: number;
  leaseUntil?: string | null;
  reason: string;
}

/** Whether `owner` may write over `current`: the same workflow, or a higher epoch. */
export const mayWrite = ({ current, owner }: { current: TrafficPlan; owner: PlanOwner }): boolean =>
  owner.epoch > current.owner.epoch ||
  (owner.epoch === current.owner.epoch && owner.workflowId === current.owner.workflowId);

/**
 * The next revision of a plan. The lease's fallback is always the champion of the plan, so that a lapse and a rollback
 * end in the same place.
 * @param highest the highest revision that ever was, which the first plan after one that was removed goes on from:
 * gateways refuse an older one, and telemetry is told apart by it.
 */
export function nextPlan({
  current,
  highest = 0,
  model,
  salt,
  change,
  owner,
  at,
}: {
  current: TrafficPlan | null;
  highest?: number;
  model: string;
  salt: string;
  change: PlanChange;
  owner: PlanOwner;
  at: string;
}): TrafficPlan {
  const champion = change.champion ?? current?.champion;
  if (!champion) throw new RangeError(`traffic plan of ${model}: the first revision needs a champion`);
  const leaseUntil = change.leaseUntil === undefined ? (current?.lease?.until ?? null) : change.leaseUntil;
  return trafficPlanSchema.parse({
    model,
    revision: (current?.revision ?? highest) + 1,
    owner,
    champion,
    challenger: change.challenger === undefined ? (current?.challenger ?? null) : change.challenger,
    challengerShare: change.challengerShare ?? current?.challengerShare ?? 0,
    mirrorShare: change.mirrorShare ?? current?.mirrorShare ?? 0,
    holdback: change.holdback ?? current?.holdback ?? 0,
    lease: leaseUntil === null ? null : { until: leaseUntil, fallback: champion },
    salt: current?.salt ?? salt,
    stickyKey: current?.stickyKey ?? 'user',
    reason: change.reason,
    at,
  });
}

/** The change that gives the champion every user back. */
export const championOnly = (reason: string): PlanChange => ({
  challenger: null,
  challengerShare: 0,
  mirrorShare: 0,
  holdback: 0,
  leaseUntil: null,
  reason,
});
