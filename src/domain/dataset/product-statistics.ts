import type { DataRow, Scalar } from './data-row.js';
import type { TableColumn } from './recipes.js';
import { wordsOf } from './words.js';

interface Product {
  category: string | null;
  reviews: number;
  ratings: number[];
  ratingSum: number;
  verified: number;
  helpfulVotes: number;
  words: number;
  first: string | null;
  last: string | null;
}

const stars = [1, 2, 3, 4, 5] as const;

/** Columns of the table of products. */
export const productColumns: readonly TableColumn[] = [
  { name: 'product_id', type: 'text' },
  { name: 'category', type: 'text' },
  { name: 'reviews', type: 'number' },
  { name: 'mean_rating', type: 'number' },
  ...stars.map((star): TableColumn => ({ name: `stars_${star}`, type: 'number' })),
  { name: 'verified', type: 'number' },
  { name: 'helpful_votes', type: 'number' },
  { name: 'words', type: 'number' },
  { name: 'first_review', type: 'time' },
  { name: 'last_review', type: 'time' },
];

/** What a batch of summaries needs to know of each product: how many reviews, how they rate, how long and how new. */
export function createProductStatistics() {
  const products = new Map<string, Product>();
  return {
    see: ({ values }: Pick<DataRow, 'values'>): void => {
      const id = String(values['product_id']);
      const known = products.get(id) ?? {
        category: null,
        ...{ reviews: 0, ratings: stars.map(() => 0), ratingSum: 0, verified: 0, helpfulVotes: 0, words: 0 },
        ...{ first: null, last: null },
      };
      const rating = Number(values['star_rating']);
      const star = Math.round(rating) - 1;
      const at = values['created_at'] as string | null;
      known.category ??= values['category'] as string | null;
      known.reviews += 1;
      if (known.ratings[star] !== undefined) known.ratings[star] += 1;
      known.ratingSum += rating;
      if (values['verified'] === true) known.verified += 1;
      known.helpfulVotes += Number(values['helpful_votes'] ?? 0);
      known.words += wordsOf(String(values['text'])).length;
      if (at !== null && (known.first === null || at < known.first)) known.first = at;
      if (at !== null && (known.last === null || at > known.last)) known.last = at;
      products.set(id, known);
    },
    /** One row a product, in the order of their ids. */
    rows: (): Record<string, Scalar>[] =>
      [...products]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([product_id, one]) => ({
          product_id,
          category: one.category,
          reviews: one.reviews,
          mean_rating: one.ratingSum / one.reviews,
          ...Object.fromEntries(stars.map((star) => [`stars_${star}`, one.ratings[star - 1]!])),
          verified: one.verified,
          helpful_votes: one.helpfulVotes,
          words: one.words,
          first_review: one.first,
          last_review: one.last,
        })),
  };
}
