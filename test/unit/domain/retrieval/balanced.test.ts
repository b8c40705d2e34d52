import { expect } from 'chai';
import fc from 'fast-check';
import { selectBalanced, selectBalancedByLanguage, type RatedText } from '../../../../src/domain/retrieval/balanced.js';

const review = (id: string, rating: number, rest: Partial<RatedText> = {}): RatedText => ({
  ...{ id, text: id, rating, helpfulVotes: 0, createdAt: null, verified: null, language: 'en' },
  ...rest,
});
const ids = (items: readonly RatedText[]): string[] => items.map(({ id }) => id);

describe('balanced selection', () => {
  it('takes the most helpful of each side, verified buyers first, and the newest of the rest', () => {
    const items = [
      review('loud', 5, { helpfulVotes: 90 }),
      review('buyer', 4, { helpfulVotes: 2, verified: true }),
      review('quiet', 5, { helpfulVotes: 1 }),
      review('bad', 1, { helpfulVotes: 3 }),
      review('so-so', 3, { createdAt: 5 }),
      review('latest', 5, { createdAt: 9 }),
    ];
    const selection = selectBalanced({ items, counts: { positive: 2, negative: 2, recent: 2 } });
    expect(ids(selection.positive)).to.deep.equal(['buyer', 'loud']);
    expect(ids(selection.negative)).to.deep.equal(['bad']);
    expect(ids(selection.recent)).to.deep.equal(['latest', 'so-so']);
  });

  it('manages with one review, with none, and without times, votes and marks', () => {
    const bare = { helpfulVotes: null, createdAt: null, verified: null, language: null };
    expect(selectBalanced({ items: [] })).to.deep.equal({ positive: [], negative: [], recent: [] });
    expect(ids(selectBalanced({ items: [review('only', 3, bare)] }).recent)).to.deep.equal(['only']);
    const many = Array.from({ length: 20 }, (_, index) => review(`r${100 + index}`, 5, bare));
    const selection = selectBalanced({ items: many });
    expect(ids(selection.positive)).to.deep.equal(['r100', 'r101', 'r102', 'r103', 'r104']);
    expect(ids(selection.recent)).to.deep.equal(['r105', 'r106', 'r107', 'r108', 'r109']);
  });

  it('gives each language its own', () => {
    const items = [
      review('a', 5),
      review('b', 1, { language: 'de' }),
      review('c', 5, { language: 'de' }),
      review('d', 2, { language: null }),
    ];
    const languages = selectBalancedByLanguage({ items });
    expect([...languages.keys()]).to.deep.equal(['de', 'en', 'und']);
    expect(ids(languages.get('de')!.negative)).to.deep.equal(['b']);
    expect(ids(languages.get('und')!.negative)).to.deep.equal(['d']);
  });

  it('takes no review twice, keeps the counts, and does not depend on the order given', () => {
    const one = fc.record({
      id: fc.uuid(),
      text: fc.string(),
      rating: fc.integer({ min: 1, max: 5 }),
      helpfulVotes: fc.option(fc.nat(5)),
      createdAt: fc.option(fc.nat(5)),
      verified: fc.option(fc.boolean()),
      language: fc.constantFrom('en', 'de', null),
    });
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 40 }), (items) => {
        const { positive, negative, recent } = selectBalanced({ items });
        const all = ids([...positive, ...negative, ...recent]);
        expect(new Set(all).size).to.equal(all.length);
        expect(Math.max(positive.length, negative.length, recent.length)).to.be.at.most(5);
        expect(selectBalanced({ items: [...items].reverse() })).to.deep.equal({ positive, negative, recent });
      }),
    );
  });

  it('takes 20,000 reviews', () => {
    const items = Array.from({ length: 20_000 }, (_, index) =>
      review(`r${index}`, (index % 5) + 1, { helpfulVotes: index % 97, createdAt: index }),
    );
    expect(ids(selectBalanced({ items }).recent)[0]).to.equal('r19999');
  });
});
