import { expect } from 'chai';
import { chooseReviews } from '../../../../src/domain/summaries/choose-reviews.js';
import type { ItemReview } from '../../../../src/domain/summaries/review.js';

const counts = { positive: 5, negative: 5, recent: 5 };
const review = (number: number, change: Partial<ItemReview> = {}): ItemReview => ({
  id: `r${number}`,
  text: `text ${number}`,
  rating: 5,
  helpfulVotes: 0,
  verified: false,
  createdAt: number,
  language: 'en',
  ...change,
});

describe('the reviews that a summary rests on', () => {
  it('are all of an item with one review', () => {
    expect(chooseReviews({ reviews: [review(1)], counts }).map(({ id }) => id)).to.deep.equal(['r1']);
  });

  it('are fifteen of an item with 20,000, each once, of both kinds', () => {
    const reviews = Array.from({ length: 20_000 }, (_, index) =>
      review(index, { rating: (index % 5) + 1, helpfulVotes: index % 97 }),
    );
    const chosen = chooseReviews({ reviews, counts });
    expect(chosen).to.have.length(15);
    expect(new Set(chosen).size).to.equal(15);
    expect(chosen.slice(0, 5).every(({ rating }) => rating >= 4)).to.equal(true);
    expect(chosen.slice(5, 10).every(({ rating }) => rating <= 2)).to.equal(true);
    expect(chosen.slice(0, 10).every(({ helpfulVotes }) => helpfulVotes === 96)).to.equal(true);
  });

  it('come from every language in turn, however loud one is', () => {
    const english = Array.from({ length: 50 }, (_, index) => review(index, { helpfulVotes: 100 }));
    const others = ['de', 'fr', 'sv'].map((language, index) => review(100 + index, { language }));
    const chosen = chooseReviews({ reviews: [...english, ...others], counts: { ...counts, recent: 0 } });
    expect(chosen.map(({ language }) => language)).to.deep.equal(['en', 'de', 'fr', 'sv', 'en']);
  });

  it('fill the list where all are in one language, or in none that is known', () => {
    for (const language of ['pt', null]) {
      const reviews = Array.from({ length: 9 }, (_, index) => review(index, { language }));
      expect(chooseReviews({ reviews, counts })).to.have.length(9);
    }
  });
});
