import { expect } from 'chai';
import { agreementOf, type RatedCase } from '../../../../src/domain/statistics/agreement.js';
import { decisionFixtures } from './decision-fixtures.js';

const casesOf = (table: readonly (readonly number[])[]): RatedCase[] =>
  table
    .flatMap((row, human) => row.flatMap((count, judge) => Array.from({ length: count }, () => ({ human, judge }))))
    .map((one, index) => ({ ...one, cluster: `${index}` }));
const agree = (cases: readonly RatedCase[], weights: 'quadratic' | null = null) =>
  agreementOf({ cases, weights, alpha: 0.05, seed: 1, resamples: 1999 });

describe('agreementOf', () => {
  it('gives statsmodels’ kappa, plain and weighted, with an interval of its size', () => {
    for (const { table, weights, kappa, standardError } of decisionFixtures.kappas) {
      const result = agree(casesOf(table), weights).kappa!;
      expect(result.value).to.be.closeTo(kappa, 1e-12);
      const half = (result.interval.high - result.interval.low) / 2;
      expect(half / (1.96 * standardError)).to.be.within(0.9, 1.35);
      expect(result.interval.low).to.be.lessThan(kappa);
    }
  });

  it('counts agreement, and never says over 1', () => {
    const result = agree(
      casesOf([
        [40, 9],
        [6, 45],
      ]),
    );
    expect(result.agreement.value).to.be.closeTo(0.85, 1e-12);
    expect(
      agree(
        casesOf([
          [40, 0],
          [0, 1],
        ]),
      ).agreement.interval.high,
    ).to.equal(1);
  });

  it('has no kappa where both always say the same one thing', () => {
    expect(agree(casesOf([[40]])).kappa).to.equal(null);
    expect(agree(casesOf([[40, 2]])).kappa!.value).to.be.closeTo(0, 1e-12);
  });

  it('counts cases that repeat each other once', () => {
    const cases = casesOf(decisionFixtures.kappas[0]!.table);
    const repeated = cases.flatMap((one) => [one, one, one]);
    for (const end of ['low', 'high'] as const)
      expect(agree(repeated).kappa!.interval[end]).to.be.closeTo(agree(cases).kappa!.interval[end], 1e-9);
  });
});
