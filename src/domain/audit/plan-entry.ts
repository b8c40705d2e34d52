import { digestOf } from '../release/evidence.js';
import type { Target, TrafficPlan } from '../rollout/traffic-plan.js';

/** The key of the audit entry that tells of a revision. */
export const planEntryKey = (revision: number): string => `plan/${revision}`;

/** The key of an entry that tells of another plan of a revision that the log has told of already. */
export const otherPlanEntryKey = (plan: TrafficPlan): string =>
  `${planEntryKey(plan.revision)}/${planDigest(plan).slice(0, 16)}`;

const revisionIn = (found: RegExpExecArray | null): number | null => (found ? Number(found[1]) : null);

/** The revision that an entry with this key tells of; null of any other entry. */
export const revisionOfKey = (key: string): number | null => revisionIn(/^plan\/([1-9]\d*)$/.exec(key));

/** The revision that an entry with this key tells of a second time; null of any other entry. */
export const repeatedRevisionOfKey = (key: string): number | null =>
  revisionIn(/^plan\/([1-9]\d*)\/[0-9a-f]{16}$/.exec(key));

const targetOf = ({ releaseId, endpoint, adapter, promptDigest, indexVersion }: Target) => ({
  ...{ releaseId, endpoint, adapter, promptDigest, indexVersion },
});

/**
 * The digest of all that stays as it was written for as long as a revision stands: only the end of its lease moves. Its
 * fields are named one by one, so that one that comes later changes no digest that a log has.
 */
export function planDigest(plan: TrafficPlan): string {
  const { model, revision, owner, challengerShare, mirrorShare, holdback, salt, stickyKey, reason, at } = plan;
  return digestOf({
    ...{ model, revision, challengerShare, mirrorShare, holdback, salt, stickyKey, reason, at },
    owner: { workflowId: owner.workflowId, epoch: owner.epoch },
    champion: targetOf(plan.champion),
    challenger: plan.challenger && targetOf(plan.challenger),
    fallback: plan.lease && targetOf(plan.lease.fallback),
  });
}

/** What the audit log says of a plan. */
export const planDetails = (plan: TrafficPlan) => ({
  revision: plan.revision,
  champion: plan.champion.releaseId,
  challenger: plan.challenger?.releaseId ?? null,
  challengerShare: plan.challengerShare,
  holdback: plan.holdback,
  planDigest: planDigest(plan),
});

/**
 * In what a plan is not the one that an entry tells of, such as `challengerShare 1 instead of 0.05`; null where it is.
 * Entries of 0.1.0 have no digest, and are held against what they say.
 */
export function planDifference({
  details,
  plan,
}: {
  details: Readonly<Record<string, unknown>>;
  plan: TrafficPlan;
}): string | null {
  const differences = Object.entries(planDetails(plan)).flatMap(([name, value]) =>
    details[name] === undefined || details[name] === value
      ? []
      : [`${name} ${JSON.stringify(value)} instead of ${JSON.stringify(details[name])}`],
  );
  return differences.length === 0 ? null : differences.join(', ');
}
