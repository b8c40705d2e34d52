import { storeKeys } from '../contracts/store-keys.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { isClosing, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import type { Ports } from './ports.js';

/** What a watcher, or a person past Temporal, knows of the rollback that they wrote, besides the plan. */
interface Tripped {
  releaseId: string;
  reason: string;
  evidenceDigest: string | null;
  /** The person; left out by the watcher. */
  actor?: string;
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
  tripped = null,
}: Pick<Ports, 'store' | 'audit'> & { model: string; plan: TrafficPlan; tripped?: Tripped | null }): Promise<void> {
  const { revision, owner, champion, challenger, challengerShare, holdback } = plan;
  await store.put({ key: storeKeys.plan({ model, revision }), body: Buffer.from(canonicalJson(plan)) });
  await audit.append({
    model,
    entry: {
      key: `plan/${revision}`,
      kind: isClosing(owner) ? 'rollback' : 'plan',
      actor: tripped ? (tripped.actor ?? `watch:${tripped.releaseId}`) : `${owner.workflowId}#${owner.epoch}`,
      releaseId: tripped?.releaseId ?? challenger?.releaseId ?? champion.releaseId,
      reason: tripped?.reason ?? plan.reason,
      evidenceDigest: tripped?.evidenceDigest ?? null,
      details: {
        revision,
        champion: champion.releaseId,
        challenger: challenger?.releaseId ?? null,
        challengerShare,
        holdback,
      },
    },
  });
}
