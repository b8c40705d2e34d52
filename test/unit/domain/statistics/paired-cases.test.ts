import { expect } from 'chai';
import fc from 'fast-check';
import { pairCases, scoredCaseSchema } from '../../../../src/domain/statistics/paired-cases.js';

describe('paired cases', () => {
  it('joins by id and names what is unmeasured, with the reason', () => {
    const { pairs, unmeasured } = pairCases({
      champion: [
        { id: 'b', score: 1 },
        { id: 'a', score: 0.5 },
        { id: 'null', score: null },
        { id: 'nan', score: 0.1 },
        { id: 'gone', score: 1 },
        { id: 'both', score: null },
      ],
      challenger: [
        { id: 'a', score: 0.7 },
        { id: 'b', score: 0 },
        { id: 'null', score: 1 },
        { id: 'nan', score: Number.NaN },
        { id: 'new', score: 1 },
        { id: 'both', score: null },
      ],
    });
    expect(pairs.map(({ id, champion, challenger }) => [id, champion, challenger])).to.deep.equal([
      ['a', 0.5, 0.7],
      ['b', 1, 0],
    ]);
    expect(unmeasured).to.deep.equal([
      { id: 'both', reason: 'neither arm has a score' },
      { id: 'gone', reason: 'the challenger has no row for it' },
      { id: 'nan', reason: 'the challenger has no score' },
      { id: 'new', reason: 'the champion has no row for it' },
      { id: 'null', reason: 'the champion has no score' },
    ]);
  });

  it('gives the same pairs whatever the order of the rows', () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ id: `é${i}`, cluster: `c${i % 7}`, score: i / 30 }));
    const expected = pairCases({ champion: rows, challenger: rows });
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 30 }), (shuffled) => {
        expect(pairCases({ champion: shuffled, challenger: rows })).to.deep.equal(expected);
      }),
      { seed: 5, numRuns: 20 },
    );
  });

  it('knows clusters only where cases share one', () => {
    const alone = [{ id: '1', score: 1 }];
    const together = [
      { id: '1', cluster: 'x', score: 1 },
      { id: '2', cluster: 'x', score: 1 },
    ];
    expect(pairCases({ champion: alone, challenger: alone }).clustered).to.equal(false);
    expect(pairCases({ champion: together, challenger: together }).clustered).to.equal(true);
  });

  it('refuses an id that is there twice and clusters that differ', () => {
    const row = { id: 'a', cluster: 'x', score: 1 };
    expect(() => pairCases({ champion: [row, row], challenger: [row] })).to.throw('champion: case a is there twice');
    expect(() => pairCases({ champion: [row], challenger: [{ ...row, cluster: 'y' }] })).to.throw(
      'case a: cluster is "x" in champion and "y" in challenger',
    );
  });

  it('reads numbers as ids, yes/no as 1/0, and every kind of no number as unmeasured', () => {
    expect(scoredCaseSchema.parse({ id: 7, cluster: 3, score: true })).to.deep.equal({
      id: '7',
      cluster: '3',
      score: 1,
    });
    for (const score of [null, undefined, Number.NaN, Infinity, 'NaN', '-inf'])
      expect(scoredCaseSchema.parse({ id: 'a', score }).score).to.equal(null);
    expect(scoredCaseSchema.safeParse({ id: 'a', score: 'good' }).success).to.equal(false);
  });
});
