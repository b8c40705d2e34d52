import type { Cause } from '../domain/audit/cause.js';
import type { PlanChange, PlanOwner, Target, TrafficPlan } from '../domain/rollout/traffic-plan.js';
import { championOnly, closingOwner, effectivePlan, isClosing } from '../domain/rollout/traffic-plan.js';
import type { Clock } from './clock.js';
import { noteMeanwhile, notePlan } from './plan-audit.js';
import { newestCopy } from './plan-copies.js';
import type { Ports } from './ports.js';

/** What a workflow needs to know of a plan it wrote. */
export interface WrittenPlan {
  revision: number;
  at: string;
}

const sameTarget = (a: Target | null | undefined, b: Target | null | undefined): boolean =>
  (a ?? null) === null || (b ?? null) === null
    ? (a ?? null) === (b ?? null)
    : a!.releaseId === b!.releaseId && a!.endpoint === b!.endpoint;

/** Whether `change` stands written already, by an attempt whose answer was lost. The reason names the step. */
function stands({
  plan,
  owner,
  change,
  now,
}: {
  plan: TrafficPlan | null;
  owner: PlanOwner;
  change: PlanChange;
  now: string;
}): boolean {
  if (!plan || plan.owner.workflowId !== owner.workflowId || plan.owner.epoch !== owner.epoch) return false;
  return (
    plan.reason === change.reason &&
    (!change.champion || sameTarget(plan.champion, change.champion)) &&
    !effectivePlan({ plan, now }).lapsed
  );
}

/** Every change of traffic: by traffic plan, next revision, compare-and-set, audited. */
export function createTrafficActivities({
  store,
  router,
  audit,
  clock,
}: Pick<Ports, 'store' | 'router' | 'audit'> & { clock: Clock }) {
  async function write({
    model,
    owner,
    change,
    cause,
  }: {
    model: string;
    owner: PlanOwner;
    change: PlanChange;
    cause: Cause | null;
  }): Promise<WrittenPlan> {
    const current = await router.read({ model });
    const written = stands({ plan: current, owner, change, now: clock.now() });
    // The attempt that wrote it may have ended before everything showed it.
    if (written) await router.follow?.({ model });
    // Whoever wrote the plan before may have ended before noting it, and is fenced out from now on.
    const before = written ? null : (current ?? (await newestCopy({ store, model })));
    const settle = before && noteMeanwhile({ store, audit, model, plan: before });
    // Giving users back waits for no log.
    if (!isClosing(owner)) await settle?.();
    const plan = written
      ? current!
      : await router.write({ model, owner, change, expectedRevision: current?.revision ?? null });
    await settle?.();
    await notePlan({ store, audit, model, plan, cause });
    return { revision: plan.revision, at: plan.at };
  }

  return {
    /** Writes the next plan. With `leaseMilliseconds` the share falls back by itself unless the watcher renews it. */
    async writePlan({
      model,
      owner,
      change,
      leaseMilliseconds,
      cause = null,
    }: {
      model: string;
      owner: PlanOwner;
      change: PlanChange;
      leaseMilliseconds: number | null;
      /** Absent in histories of 0.1.0. */
      cause?: Cause | null;
    }): Promise<WrittenPlan> {
      const leaseUntil =
        leaseMilliseconds === null ? null : new Date(Date.parse(clock.now()) + leaseMilliseconds).toISOString();
      return await write({ model, owner, change: { ...change, leaseUntil }, cause });
    },

    /**
     * Gives `champion` every user and fences out whatever `owner` may still be writing. Where there is no plan there is
     * nothing to give back, and where a newer owner holds the plan it stands.
     */
    async restoreChampion({
      model,
      owner,
      champion,
      reason,
      cause = null,
    }: {
      model: string;
      owner: PlanOwner;
      champion: Target;
      reason: string;
      /** Absent in histories of 0.1.0. */
      cause?: Cause | null;
    }): Promise<WrittenPlan | null> {
      const current = await router.read({ model });
      if (!current) return null;
      const restored =
        current.challenger === null && current.challengerShare === 0 && sameTarget(current.champion, champion);
      const closing = closingOwner(owner);
      // A newer owner has decided who serves; nothing of what this one did is left to be undone.
      if (current.owner.epoch > closing.epoch) return { revision: current.revision, at: current.at };
      if (restored && current.owner.epoch === closing.epoch) {
        await router.follow?.({ model });
        // The attempt that wrote it may have ended before it had said why. A guard's plan is the watcher's to tell of,
        // and no user waits for the log: the next writer notes what is left.
        if (current.reason === reason)
          await notePlan({ store, audit, model, plan: current, cause }).catch(() => undefined);
        return { revision: current.revision, at: current.at };
      }
      return await write({ model, owner: closing, change: { ...championOnly(reason), champion }, cause });
    },
  };
}
