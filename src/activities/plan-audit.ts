import { storeKeys } from '../contracts/store-keys.js';
import { ownerName, type Cause } from '../domain/audit/cause.js';
import { otherPlanEntryKey, planDetails, planDifference, planEntryKey } from '../domain/audit/plan-entry.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { isClosing, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import { readCopy } from './plan-copies.js';
import type { AuditEntry, Ports } from './ports.js';

/** What whoever wrote a plan knows of it, besides the plan. */
interface PlanCause extends Cause {
  /** In other words than the plan's. */
  reason?: string;
}

/**
 * Keeps a copy of a traffic plan and puts it into the audit log. What stands there already stays as it is, so that
 * whoever writes the next plan can do it for a writer that ended in between.
 */
export async function notePlan({
  store,
  audit,
  model,
  plan,
  cause = null,
}: Pick<Ports, 'store' | 'audit'> & { model: string; plan: TrafficPlan; cause?: PlanCause | null }): Promise<void> {
  const { revision, owner } = plan;
  await store.put({ key: storeKeys.plan({ model, revision }), body: Buffer.from(canonicalJson(plan)) });
  // Giving users back waits for no log, so that the plan before it may have no entry yet, and its writers may be gone.
  const before = isClosing(owner) ? await readCopy({ store, model, revision: revision - 1 }) : null;
  if (before) await logPlan({ audit, model, plan: before, cause: null });
  await logPlan({ audit, model, plan, cause });
}

/** Notes a plan while the next one is written. The result makes up for it where that failed, so that none is left out. */
export function noteMeanwhile(input: Parameters<typeof notePlan>[0]): () => Promise<void> {
  const noted = notePlan(input).then(
    () => true,
    () => false,
  );
  return async () => {
    if (!(await noted)) await notePlan(input);
  };
}

/** A revision that the log tells of otherwise, because somebody wrote past the router, gets an entry beside that one. */
async function logPlan({
  audit,
  model,
  plan,
  cause,
}: Pick<Ports, 'audit'> & { model: string; plan: TrafficPlan; cause: PlanCause | null }): Promise<void> {
  const entry = entryOf({ plan, cause });
  const { entry: standing } = await audit.append({ model, entry });
  const difference = planDifference({ details: standing.details, plan });
  if (difference === null) return;
  const reason = `another plan of revision ${plan.revision} than the log had, with ${difference}: ${entry.reason}`;
  await audit.append({ model, entry: { ...entry, key: otherPlanEntryKey(plan), reason } });
}

const entryOf = ({ plan, cause }: { plan: TrafficPlan; cause: PlanCause | null }): AuditEntry => ({
  key: planEntryKey(plan.revision),
  kind: isClosing(plan.owner) ? 'rollback' : 'plan',
  actor: cause?.actor ?? ownerName(plan.owner),
  releaseId: cause?.releaseId ?? plan.challenger?.releaseId ?? plan.champion.releaseId,
  reason: cause?.reason ?? plan.reason,
  evidenceDigest: cause?.evidenceDigest ?? null,
  details: planDetails(plan),
});
