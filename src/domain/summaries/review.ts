import type { DataRow } from '../dataset/data-row.js';
import type { RatedText } from '../retrieval/balanced.js';
import type { BatchSpec } from '../spec/batch-spec.js';

/** A cleaned review of an item; what the source does not say is stood in for. */
export type ItemReview = RatedText & { helpfulVotes: number; verified: boolean };

/** A cleaned row of the recipe reviews as a review; `missing` stands in for what the source does not say. */
export function itemReview({
  row: { row, values },
  missing,
}: {
  row: Pick<DataRow, 'row' | 'values'>;
  missing: BatchSpec['missing'];
}): ItemReview {
  const title = String(values['title'] ?? '').trim();
  const text = String(values['text']);
  const at = values['created_at'] ?? null;
  return {
    id: String(values['review_id']),
    text: title === '' ? text : `${title}. ${text}`,
    rating: Number(values['star_rating']),
    helpfulVotes: Number(values['helpful_votes'] ?? missing.helpful_votes),
    verified: Boolean(values['verified'] ?? missing.verified),
    createdAt: at === null ? (missing.created_at === 'rowOrder' ? row : null) : Date.parse(String(at)),
    language: values['language'] === null ? missing.language : String(values['language'] ?? missing.language),
  };
}

/** Whether its stars are of five: others would be shown as praise or blame that nobody has meant. */
export const isRatedOfFive = ({ rating }: Pick<ItemReview, 'rating'>): boolean => rating >= 1 && rating <= 5;

/**
 * Each review once: of rows with the same id and text, as an export that was repeated leaves them, the newest stands. Rows
 * that share an id alone are different reviews, since a source may number them anew for every item.
 */
export function onceEach(reviews: readonly ItemReview[]): ItemReview[] {
  const found = new Map<string, ItemReview>();
  for (const review of reviews) {
    const key = JSON.stringify([review.id, review.text]);
    const known = found.get(key);
    if (!known || (review.createdAt ?? -Infinity) >= (known.createdAt ?? -Infinity)) found.set(key, review);
  }
  return [...found.values()];
}
