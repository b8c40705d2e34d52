import { type BalancedCounts, selectBalancedByLanguage } from '../retrieval/balanced.js';
import type { ItemReview } from './review.js';

const groups = ['positive', 'negative', 'recent'] as const;

/**
 * The reviews that a summary rests on: in balance, and in turn from every language that the item is reviewed in, so that
 * the loudest language does not speak for all. The language with the most reviews begins; each review stands once.
 */
export function chooseReviews({
  reviews,
  counts,
}: {
  reviews: readonly ItemReview[];
  counts: BalancedCounts;
}): ItemReview[] {
  const sizes = new Map<string, number>();
  for (const { language } of reviews) sizes.set(language ?? 'und', (sizes.get(language ?? 'und') ?? 0) + 1);
  const byLanguage = [...selectBalancedByLanguage({ items: reviews, counts })].sort(
    ([one], [other]) => sizes.get(other)! - sizes.get(one)! || (one < other ? -1 : 1),
  );
  return groups.flatMap((group) => {
    const inTurn = Array.from({ length: counts[group] }, (_, place) =>
      byLanguage.flatMap(([, selection]) => selection[group].slice(place, place + 1)),
    );
    return inTurn.flat().slice(0, counts[group]);
  });
}
