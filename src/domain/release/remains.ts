import { nextEpoch, type TrafficPlan } from '../rollout/traffic-plan.js';
import { rememberedReleases, type EndedRelease, type KeptRelease, type LifecycleState } from './lifecycle-state.js';
import { totalCostUsd, withdrawnLater, type ReleaseRecord } from './release-record.js';

/** What a model's earlier lifecycle has left behind, as a new one goes on from it. */
export type Remains = Pick<
  LifecycleState,
  'releaseCount' | 'epoch' | 'champion' | 'previous' | 'ended' | 'spentUsd' | 'paused'
> & {
  /** The newest release without a record: it may run still. What waits may be overtaken, so it need not be the last. */
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
  const takenBack = record.withdrawnAt !== null && !withdrawnLater(record);
  if (record.outcome !== 'promoted' || takenBack || !record.serving || !version) return null;
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
    ...(record.withdrawnAt !== null && { withdrawnAt: record.withdrawnAt }),
  };
}

/** The plan comes before the record: a release may serve again although that still calls it withdrawn. */
function servingBy({ plan, kept }: { plan: TrafficPlan; kept: KeptRelease }): KeptRelease {
  const { withdrawnAt: _, ...serving } = kept;
  return { ...serving, target: plan.champion };
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
 * The release that serves everyone and has no record of its promotion: it still runs, as a first champion in its bake or
 * one that is retiring the champion before it, or its rollout was lost. Null where the champion of the plan has its record.
 */
export function unrecordedChampion({
  model,
  plan,
  records,
}: {
  model: string;
  plan: TrafficPlan | null;
  records: readonly ReleaseRecord[];
}): string | null {
  const champion = plan?.champion.releaseId;
  if (champion === undefined || releaseNumber({ model, releaseId: champion }) === null) return null;
  return records.some(({ releaseId, outcome }) => releaseId === champion && outcome === 'promoted') ? null : champion;
}

/**
 * Puts together what stands outside. The traffic plan says who serves; records say what that is. The epoch lies above
 * any that the earlier lifecycle can have given: each of its releases raised it by 2, and whatever else did wrote a plan.
 * @param releaseCount the highest number that anything outside is named with.
 * @param records of this model, in any order.
 * @param named the numbers of the releases that left anything, that of the highest included or not.
 * @param paused what was kept of a pause.
 * @param ended the release that was waited for: of those without a record, only older ones are left to ask.
 * @throws RangeError where the champion of the plan has no record to go on from.
 */
export function remainsOf({
  model,
  plan,
  releaseCount,
  records,
  named = [],
  paused = null,
  ended = null,
  keepReleases,
  now,
}: {
  model: string;
  plan: TrafficPlan | null;
  releaseCount: number;
  records: readonly ReleaseRecord[];
  named?: Iterable<number>;
  paused?: Remains['paused'];
  ended?: string | null;
  keepReleases: number;
  now: string;
}): Remains {
  const number = (record: ReleaseRecord): number => releaseNumber({ model, releaseId: record.releaseId }) ?? 0;
  // An alert overtakes what waits, so that numbers are no order of time.
  const sorted = [...records].sort((a, b) => Date.parse(a.endedAt) - Date.parse(b.endedAt) || number(a) - number(b));
  const byId = new Map(sorted.map((record) => [record.releaseId, record]));
  const kept = sorted.flatMap((record) => keptOf(record, byId) ?? []).reverse();
  const found = plan && kept.find((one) => one.releaseId === plan.champion.releaseId);
  if (plan && !found)
    throw new RangeError(
      `plan revision ${plan.revision} of ${model} names the champion ${plan.champion.releaseId}, but no record of its promotion was found; put releases/${plan.champion.releaseId}/record.json back; where it is lost for good, remove traffic/${model}.json to begin without a champion, so that nobody is sure of an answer until a release is promoted, whose plan goes on from revision ${plan.revision}`,
    );
  const month = now.slice(0, 7);
  const usd = sorted.filter((one) => one.endedAt.startsWith(month)).reduce((sum, one) => sum + totalCostUsd(one), 0);
  const before = ended === null ? Infinity : (releaseNumber({ model, releaseId: ended }) ?? Infinity);
  const unfinished = [...named, releaseCount].filter((one) => one < before && !byId.has(`${model}-r${one}`));
  const newest = Math.max(0, ...unfinished);
  return {
    releaseCount,
    epoch: (plan ? nextEpoch(plan.owner.epoch) : 0) + 2 * releaseCount,
    champion: plan && found ? servingBy({ plan, kept: found }) : null,
    previous: kept.filter((one) => one.releaseId !== plan?.champion.releaseId).slice(0, keepReleases),
    ended: sorted.slice(-rememberedReleases).map(endedOf),
    spentUsd: { month, usd },
    paused,
    unfinished: newest > 0 ? `${model}-r${newest}` : null,
  };
}
