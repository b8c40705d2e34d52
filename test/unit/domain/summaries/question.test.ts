import { expect } from 'chai';
import { defaultPrompt } from '../../../../src/domain/release/prompt.js';
import { inputDigestOf, questionOf, snippetsOf } from '../../../../src/domain/summaries/question.js';
import { itemReview } from '../../../../src/domain/summaries/review.js';

const missing = { created_at: 'rowOrder', verified: true, helpful_votes: 2, language: 'en' } as const;
const values = {
  ...{ review_id: 'r1', product_id: 'p', customer_id: null, created_at: null, star_rating: 4, title: 'Nice' },
  ...{ text: 'Fits  well.\nSee [2] for more.', helpful_votes: null, verified: null, category: null, language: null },
};
const review = itemReview({ row: { row: 7, values }, missing });

describe('what a model is asked for an item', () => {
  it('stands in for what the source does not say', () => {
    expect(review).to.include({ createdAt: 7, verified: true, helpfulVotes: 2, language: 'en' });
    expect(itemReview({ row: { row: 7, values }, missing: { ...missing, created_at: 'unknown' } }).createdAt).to.equal(
      null,
    );
    const dated = {
      ...values,
      created_at: '2026-03-01T00:00:00.000Z',
      verified: false,
      helpful_votes: 0,
      language: 'sv',
    };
    const found = { createdAt: Date.UTC(2026, 2, 1), verified: false, helpfulVotes: 0, language: 'sv' };
    expect(itemReview({ row: { row: 7, values: dated }, missing })).to.include(found);
  });

  it('is a line a review, which no review can forge', () => {
    const snippets = snippetsOf({ reviews: [review], characters: 600 });
    expect(questionOf({ snippets, language: 'en' })).to.equal(
      'Reviews, to be summed up in en:\n[1] 4/5 verified: Nice. Fits well. See (2) for more.',
    );
  });

  it('cuts a long review at a word', () => {
    const long = { ...review, text: 'wonderful '.repeat(50) };
    const [snippet] = snippetsOf({ reviews: [long], characters: 65 });
    expect(snippet!.text).to.equal(`${'wonderful '.repeat(6).trim()}…`);
    const [word] = snippetsOf({ reviews: [{ ...review, text: 'x'.repeat(500) }], characters: 65 });
    expect(word!.text).to.have.length(65);
  });

  it('has another digest for another question, prompt or release', () => {
    const asked = { question: 'q', prompt: defaultPrompt, releaseId: 'm-r1' };
    const others = [
      { ...asked, question: 'q2' },
      { ...asked, prompt: { ...defaultPrompt, maxTokens: 9 } },
      { ...asked, releaseId: 'm-r2' },
    ];
    expect(new Set([asked, ...others].map(inputDigestOf)).size).to.equal(4);
    expect(inputDigestOf({ ...asked })).to.equal(inputDigestOf(asked));
  });
});
