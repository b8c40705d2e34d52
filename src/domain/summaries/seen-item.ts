import { z } from 'zod';
import type { Arm, TrafficPlan } from '../rollout/traffic-plan.js';
import { armOf } from '../rollout/traffic-plan.js';
import { bucketCount, bucketOf } from '../rollout/buckets.js';
import { isMirrored } from '../rollout/mirror-sample.js';

/** What the last run that was done with an item has left of it: a line of the watermark. */
export const seenItemSchema = z.object({
  item: z.string(),
  /** Digest of the item's reviews as they were read, and of what the spec made of them. */
  reviews: z.string(),
  /** Who answered, or was last asked in vain. */
  release: z.string(),
  /** The challenger that was asked too, in the shadow. */
  shadowed: z.string().nullable(),
  state: z.enum(['summarised', 'deadLettered', 'tooFew']),
  expiresAt: z.string(),
});
export type SeenItem = z.infer<typeof seenItemSchema>;

/** Who answers for an item by a plan: the bucket of its id decides, so that an item never flips back and forth. */
export function assignItem({ plan, item }: { plan: TrafficPlan; item: string }): {
  arm: Arm;
  bucket: number;
  mirrors: boolean;
} {
  const bucket = bucketOf({ salt: plan.salt, key: item });
  const arm = armOf({ plan, bucket, bucketCount });
  const mirrors =
    arm === 'champion' &&
    plan.challenger !== null &&
    isMirrored({ id: pairId({ plan, item }), share: plan.mirrorShare });
  return { arm, bucket, mirrors };
}

/** Names the pair of an item with a challenger, for the sample of the shadow. */
export const pairId = ({ plan, item }: { plan: TrafficPlan; item: string }): string =>
  `${plan.challenger?.releaseId ?? 'none'}/${item}`;

export type DueReason = 'newReviews' | 'newRelease' | 'expires' | 'shadow';

/** Share of a summary's life after which a run confirms it. */
const confirmAfter = 0.5;

/**
 * Why an item is looked at in this run; null where nothing has changed since the run before.
 * @param plan as it holds now; @param now and `ttlMilliseconds` say when a summary must be confirmed
 */
export function whyDue({
  seen,
  reviews,
  plan,
  item,
  now,
  ttlMilliseconds,
}: {
  seen: SeenItem | null;
  reviews: string;
  plan: TrafficPlan;
  item: string;
  now: string;
  ttlMilliseconds: number;
}): DueReason | null {
  if (seen === null || seen.reviews !== reviews) return 'newReviews';
  if (seen.state === 'tooFew') return null;
  const { arm, mirrors } = assignItem({ plan, item });
  const target = arm === 'challenger' ? plan.challenger! : plan.champion;
  if (seen.release !== target.releaseId) return 'newRelease';
  if (mirrors && seen.shadowed !== plan.challenger!.releaseId) return 'shadow';
  if (seen.state === 'deadLettered') return null;
  return Date.parse(seen.expiresAt) - Date.parse(now) < ttlMilliseconds * (1 - confirmAfter) ? 'expires' : null;
}
