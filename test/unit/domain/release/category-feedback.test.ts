import { expect } from 'chai';
import { badCategories, feedbackSentence, type Rating } from '../../../../src/domain/release/category-feedback.js';

const ratings = ({ category, down, up }: { category: string; down: number; up: number }): Rating[] =>
  Array.from({ length: down + up }, (_, index) => ({
    ...{ category, person: `${category}-${index}`, down: index < down },
    at: `2026-03-01T00:00:${String(index % 60).padStart(2, '0')}.000Z`,
  }));
const limits = { over: 0.3, minimumRatings: 50 };

describe('categories that users rate badly', () => {
  it('are those whose whole interval lies over the limit, the worst first', () => {
    const all = [
      ...ratings({ category: 'delivery', down: 30, up: 30 }),
      ...ratings({ category: 'returns', down: 45, up: 15 }),
      ...ratings({ category: 'payment', down: 19, up: 41 }),
      ...ratings({ category: 'account', down: 20, up: 20 }),
    ];
    const bad = badCategories({ ratings: all, ...limits });
    expect(bad.map((one) => one.category)).to.deep.equal(['returns', 'delivery']);
    expect(feedbackSentence({ feedback: bad[0]!, over: limits.over })).to.equal(
      'returns: 45 of 60 people rate answers badly, at least 62.8 % > 30.0 %',
    );
  });

  it('count nobody twice, and of each person what they said last', () => {
    const one = (index: number, down: boolean): Rating => ({
      ...{ category: 'delivery', person: 'the same', down },
      at: new Date(Date.UTC(2026, 2, 1, 0, index)).toISOString(),
    });
    const often = Array.from({ length: 200 }, (_, index) => one(index, true));
    expect(badCategories({ ratings: often, ...limits })).to.deep.equal([]);
    expect(badCategories({ ratings: often, over: 0.1, minimumRatings: 1 })[0]).to.include({ people: 1, thumbsDown: 1 });
    const sorry = [...often, one(500, false)];
    expect(badCategories({ ratings: sorry, over: 0.1, minimumRatings: 1 })).to.deep.equal([]);
  });
});
