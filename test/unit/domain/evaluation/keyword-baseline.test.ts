import { expect } from 'chai';
import fc from 'fast-check';
import {
  answerByKeywords,
  keywordBaselineSchema,
  learnKeywordBaseline,
} from '../../../../src/domain/evaluation/keyword-baseline.js';

const rows = [
  { query: 'Where is my parcel?', category: 'tracking', answer: 'See the tracking page.' },
  { query: 'Track the parcel please', category: 'tracking', answer: 'See the tracking page!' },
  { query: 'My parcel has not arrived', category: 'tracking', answer: 'Please wait a day.' },
  { query: 'I want my money back', category: 'refund', answer: 'A refund takes five days.' },
  { query: 'Refund for a late delivery', category: 'refund', answer: 'A refund takes five days by transfer.' },
  { query: 'How do I get a refund', category: 'refund', answer: 'Refund: five days.' },
];
const baseline = learnKeywordBaseline({ rows });

describe('keyword baseline', () => {
  it('answers as the category usually does whose keywords match best', () => {
    expect(answerByKeywords({ baseline, query: 'parcel lost?' })).to.deep.equal({
      category: 'tracking',
      answer: 'See the tracking page!',
    });
    expect(answerByKeywords({ baseline, query: 'Can I get a REFUND' })).to.deep.equal({
      category: 'refund',
      answer: 'A refund takes five days.',
    });
  });

  it('falls to the first category by name where nothing matches, and survives odd words', () => {
    expect(answerByKeywords({ baseline, query: '__proto__ constructor ???' }).category).to.equal('refund');
  });

  it('learns the same from the rows in any order, and travels as JSON', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(learnKeywordBaseline({ rows: shuffled })).to.deep.equal(baseline);
      }),
      { seed: 1, numRuns: 30 },
    );
    expect(keywordBaselineSchema.parse(JSON.parse(JSON.stringify(baseline)))).to.deep.equal(baseline);
  });

  it('refuses to learn from nothing', () =>
    expect(() => learnKeywordBaseline({ rows: [] })).to.throw(/at least one row/));
});
