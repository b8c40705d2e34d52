import { z } from 'zod';
import { notePlan } from '../activities/plan-audit.js';
import { PortError, type ArtifactStore } from '../activities/ports.js';
import { createRollbackTimeActivities } from '../activities/rollback-time.js';
import { systemClock, type Clock } from '../activities/clock.js';
import { StoreAudit } from '../adapters/store-audit/store-audit.js';
import { StoreRouter } from '../adapters/store-router/store-router.js';
import { StoreTelemetry } from '../adapters/store-telemetry/store-telemetry.js';
import { rollbackSchema } from '../contracts/lifecycle.js';
import type { RollbackTime } from '../domain/release/rollback-time.js';
import { championOnly, closingOwner, type TrafficPlan } from '../domain/rollout/traffic-plan.js';

/** What a rollback past Temporal did. */
export interface DirectRollback {
  champion: string;
  reason: string;
  time: RollbackTime | null;
}

/** Each lost attempt means that somebody else's plan went through. */
const attempts = 20;

/**
 * Gives the champion every user by writing the plan into the store, for when Temporal or all workers are away. What the
 * rollout writes later is fenced out, as after a guard's trip; ending the release waits until Temporal is back.
 * @throws RangeError where nothing is under way that could be taken back: an earlier champion has to be loaded first,
 * which only a worker can do.
 */
export async function rollBackDirectly({
  store,
  model,
  to,
  reason,
  by,
  clock = systemClock,
}: {
  store: ArtifactStore;
  model: string;
  to: string | null;
  reason: string;
  by: string;
  clock?: Clock;
}): Promise<DirectRollback> {
  const checked = rollbackSchema.safeParse({ to, reason, by });
  if (!checked.success) throw new RangeError(z.prettifyError(checked.error));
  const router = new StoreRouter({ store, now: () => new Date(clock.now()) });
  const audit = new StoreAudit({ store, now: () => new Date(clock.now()) });
  const telemetry = new StoreTelemetry({ store, onCorrupt: () => undefined });
  const askedAt = clock.now();
  const told = `rollback by ${by}, past Temporal: ${reason}`;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const plan = await router.read({ model });
    const { champion, challenger } = requireShare({ model, plan, to });
    const written = await write(plan!, told).catch((error: unknown) => {
      if (error instanceof PortError && error.type === 'Conflict') return null;
      throw error;
    });
    // Somebody else wrote a plan in between: it may name another champion, or have taken everything back.
    if (written === null) continue;
    const { releaseId } = challenger;
    const entry = { releaseId, reason: told, evidenceDigest: null, actor: by };
    // Users have been given back; what can't be written down now changes nothing of that.
    const time = await notePlan({ store, audit, model, plan: plan! })
      .then(() => notePlan({ store, audit, model, plan: written, cause: entry }))
      .then(() => measure(written, releaseId))
      .catch(() => null);
    return { champion: champion.releaseId, reason: told, time };
  }
  throw new PortError('Conflict', `traffic plan of ${model}: ${attempts} attempts lost against other writers`);

  function write(plan: TrafficPlan, because: string): Promise<TrafficPlan> {
    const change = { ...championOnly(because), champion: plan.champion };
    return router.write({ model, owner: closingOwner(plan.owner), change, expectedRevision: plan.revision });
  }

  function measure({ revision, at }: TrafficPlan, releaseId: string): Promise<RollbackTime> {
    const activities = createRollbackTimeActivities({ store, telemetry, audit, clock });
    return activities.measureRollback({
      model,
      releaseId,
      revision,
      evidenceAt: askedAt,
      planAt: at,
      rehearsal: false,
    });
  }
}

function requireShare({ model, plan, to }: { model: string; plan: TrafficPlan | null; to: string | null }) {
  if (!plan) throw new RangeError(`${model} has no traffic plan: no release serves it`);
  const { champion, challenger } = plan;
  if (challenger === null)
    throw new RangeError(
      `${model}: ${champion.releaseId} serves everybody and no release is under way; an earlier champion has to be loaded first, which needs Temporal and a worker: leave --direct out`,
    );
  if (to !== null && to !== champion.releaseId)
    throw new RangeError(
      `${model}: past Temporal there is only the way back to ${champion.releaseId}; ${to} has to be loaded first, which needs Temporal and a worker`,
    );
  return { champion, challenger };
}
