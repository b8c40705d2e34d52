import { expect } from 'chai';
import { exactMcNemar } from '../../../../src/domain/statistics/mcnemar.js';
import { fixtures } from './fixtures.js';

describe('exact McNemar', () => {
  it('agrees with statsmodels', () => {
    for (const [bothRight, onlyChampion, onlyChallenger, bothWrong, pValue] of fixtures.tests.mcNemar as [
      number,
      number,
      number,
      number,
      number,
    ][]) {
      const cells: [number, number, number][] = [
        [1, 1, bothRight],
        [1, 0, onlyChampion],
        [0, 1, onlyChallenger],
        [0, 0, bothWrong],
      ];
      const pairs = cells.flatMap(([champion, challenger, count], cell) =>
        Array.from({ length: count }, (_, i) => ({
          id: `${cell}-${i}`,
          cluster: `${cell}-${i}`,
          champion,
          challenger,
        })),
      );
      const result = exactMcNemar({ pairs, clustered: false })!;
      expect(result).to.deep.include({ onlyChampion, onlyChallenger });
      expect(result.pValue).to.be.closeTo(pValue, 1e-10);
    }
  });

  it('is silent about scores between 0 and 1', () => {
    const pairs = [{ id: 'a', cluster: 'a', champion: 0.5, challenger: 1 }];
    expect(exactMcNemar({ pairs, clustered: false })).to.equal(null);
  });
});
