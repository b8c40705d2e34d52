import { nextEpoch, type TrafficPlan } from '../rollout/traffic-plan.js';
import { rememberedReleases, type EndedRelease, type KeptRelease, type LifecycleState } from './lifecycle-state.js';
import { totalCostUsd, type ReleaseRecord } from './release-record.js';

/** What a model's earlier lifecycle has left behind, as a new one goes on from it. */
export type Remains = Pick<
  LifecycleState,
  'releaseCount' | 'epoch' | 'champion' | 'previous' | 'ended' | 'spentUsd'
> & {
  /** The last release, where it has no record: it may run still. */
  unfinished: string | null;
};

/** The number of a release id of `model`; null for another model's. */
export function releaseNumber({ model, releaseId }: { model: string; releaseId: string }): number | null {
  const rest = releaseId.startsWith(`${model}-r`) ? releaseId.slice(model.length + 2) : '';
  return /^[1-9]\d*$/.test(rest) ? Number(rest) : null;
}

/** What a record says of a release that was promoted and not taken back while it ran; null of any other. */
function keptOf(record: ReleaseRecord, byId: ReadonlyMap<string, ReleaseRecord>): KeptRelease | null {
  const version = record.tracking?.modelVersion;
  if (record.outcome !== 'promoted' || record.withdrawnAt !== null || !record.serving || !version) return null;
  // A release that changes no weights serves the adapter of the champion before it.
  let trained: ReleaseRecord | undefined = record;
  while (trained && trained.kind !== 'training' && trained.adapter === null)
    trained = trained.champion === null ? undefined : byId.get(trained.champion);
  return {
    releaseId: record.releaseId,
    version,
    target: {
      releaseId: record.releaseId,
      endpoint: record.serving.endpoint,
      adapter: record.serving.adapter,
      promptDigest: record.promptDigest,
      indexVersion: record.indexVersion,
    },
    base: record.base.id,
    adapter: trained?.adapter ?? null,
    specification: record.specification,
    promotedAt: record.endedAt,
  };
}

const endedOf = (record: ReleaseRecord): EndedRelease => ({
  releaseId: record.releaseId,
  outcome: record.outcome,
  stage: record.stage,
  reasons: record.reasons,
  champion: record.outcome === 'promoted' && record.withdrawnAt === null ? record.releaseId : record.champion,
  costUsd: totalCostUsd(record),
  seconds: record.seconds,
  endedAt: record.endedAt,
  withdrawnAt: record.withdrawnAt,
});

/**
 * The release that serves everyone and has no record yet, because it still runs: a first champion in its bake, or one
 * that is retiring the champion before it. Null where the champion of the plan is another one.
 * @param releaseCount as in `remainsOf`.
 */
export function unrecordedChampion({
  model,
  plan,
  releaseCount,
  records,
}: {
  model: string;
  plan: TrafficPlan | null;
  releaseCount: number;
  records: readonly ReleaseRecord[];
}): string | null {
  const last = `${model}-r${releaseCount}`;
  return plan?.champion.releaseId === last && !records.some(({ releaseId }) => releaseId === last) ? last : null;
}

/**
 * Puts together what stands outside. The traffic plan says who serves; records say what that is. The epoch lies above
 * any that the earlier lifecycle can have given: each of its releases raised it by 2, and whatever else did wrote a plan.
 * @param releaseCount the highest number that anything outside is named with.
 * @param records of this model, in any order.
 * @throws RangeError where the champion of the plan has no record to go on from.
 */
export function remainsOf({
  model,
  plan,
  releaseCount,
  records,
  keepReleases,
  now,
}: {
  model: string;
  plan: TrafficPlan | null;
  releaseCount: number;
  records: readonly ReleaseRecord[];
  keepReleases: number;
  now: string;
}): Remains {
  const number = (record: ReleaseRecord): number => releaseNumber({ model, releaseId: record.releaseId }) ?? 0;
  const sorted = [...records].sort((a, b) => number(a) - number(b));
  const byId = new Map(sorted.map((record) => [record.releaseId, record]));
  const kept = sorted.flatMap((record) => keptOf(record, byId) ?? []).reverse();
  const found = plan && kept.find((one) => one.releaseId === plan.champion.releaseId);
  if (plan && !found)
    throw new RangeError(
      `plan revision ${plan.revision} of ${model} names the champion ${plan.champion.releaseId}, but no record of its promotion was found; put releases/${plan.champion.releaseId}/record.json back, or remove traffic/${model}.json to begin without a champion`,
    );
  const month = now.slice(0, 7);
  const usd = sorted.filter((one) => one.endedAt.startsWith(month)).reduce((sum, one) => sum + totalCostUsd(one), 0);
  const last = `${model}-r${releaseCount}`;
  return {
    releaseCount,
    epoch: (plan ? nextEpoch(plan.owner.epoch) : 0) + 2 * releaseCount,
    champion: plan && found ? { ...found, target: plan.champion } : null,
    previous: kept.filter((one) => one.releaseId !== plan?.champion.releaseId).slice(0, keepReleases),
    ended: sorted.slice(-rememberedReleases).map(endedOf),
    spentUsd: { month, usd },
    unfinished: releaseCount > 0 && !byId.has(last) ? last : null,
  };
}
