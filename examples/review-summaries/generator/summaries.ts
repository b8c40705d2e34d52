import { chooseReviews } from '../../../src/domain/summaries/choose-reviews.js';
import { questionOf, snippetsOf } from '../../../src/domain/summaries/question.js';
import { itemReview } from '../../../src/domain/summaries/review.js';
import type { Aspect } from './aspects.js';
import type { Item } from './items.js';

/** As `batch.select` of the example's spec has it: what a small model can read at once. */
export const selection = { positive: 2, negative: 2, recent: 1 };
export const charactersPerReview = 120;

export interface WrittenSummary {
  question: string;
  answer: string;
  /** What a summary must name. */
  topics: string[];
}

const listed = (names: readonly string[]): string => names.join(' and ');

/** The question of an item as a batch asks it, and the summary that we would write. */
export function writtenSummary(item: Item): WrittenSummary {
  const missing = { created_at: 'unknown', verified: false, helpful_votes: 0, language: null } as const;
  const reviews = item.reviews.map((review, index) =>
    itemReview({
      row: {
        row: index + 1,
        values: {
          ...review,
          created_at: new Date(review.created_at).toISOString(),
          star_rating: Number(review.star_rating),
          helpful_votes: Number(review.helpful_votes),
          verified: review.verified === 'true',
        },
      },
      missing,
    }),
  );
  const snippets = snippetsOf({
    reviews: chooseReviews({ reviews, counts: selection }),
    characters: charactersPerReview,
  });
  const said = (aspect: Aspect, side: 0 | 1): number[] =>
    snippets.flatMap(({ text }, index) =>
      Object.values(aspect.said).some((pair) => pair[side] === text) ? [index + 1] : [],
    );
  const pros = item.pros.filter((aspect) => said(aspect, 0).length > 0);
  const cons = item.cons.filter((aspect) => said(aspect, 1).length > 0);
  const sources = [...pros.flatMap((one) => said(one, 0)), ...cons.flatMap((one) => said(one, 1))];
  const names = { pros: pros.map(({ pro }) => pro), cons: cons.map(({ con }) => con) };
  const summary =
    names.cons.length === 0
      ? `Buyers praise: ${listed(names.pros)}.`
      : `Buyers praise: ${listed(names.pros)}. They complain about: ${listed(names.cons)}.`;
  return {
    question: questionOf({ snippets, language: 'en' }),
    answer: JSON.stringify({ ...names, summary, sources: [...new Set(sources)].sort((one, other) => one - other) }),
    topics: [...names.pros, ...names.cons],
  };
}
