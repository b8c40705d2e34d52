import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { chiSquareTail } from '../../../../src/domain/statistics/distributions.js';
import { chiSquareHomogeneity, stabilityIndex } from '../../../../src/domain/statistics/drift.js';

interface Table {
  previous: number[];
  current: number[];
  stabilityIndex: number;
  statistic: number;
  degrees: number;
  pValue: number;
}

/** What scipy says, made by test/fixtures/statistics/make_drift_fixtures.py. */
const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/statistics/drift.json', import.meta.url), 'utf8'),
) as { tables: Table[]; chiSquareTail: [number, number, number][] };

describe('drift', () => {
  it('agrees with scipy on the tail of the chi-square distribution', () => {
    expect(fixture.chiSquareTail).to.have.length(30);
    for (const [x, degrees, expected] of fixture.chiSquareTail)
      expect(chiSquareTail({ x, degrees }), `x ${x}, ${degrees} degrees`).to.be.closeTo(
        expected,
        1e-10 * Math.max(1e-6, expected),
      );
  });

  it('agrees with scipy on stability index and chi-square test', () => {
    expect(fixture.tables).to.have.length(4);
    for (const { previous, current, ...expected } of fixture.tables) {
      expect(stabilityIndex({ previous, current })).to.be.closeTo(expected.stabilityIndex, 1e-12);
      const test = chiSquareHomogeneity({ previous, current })!;
      expect(test.statistic).to.be.closeTo(expected.statistic, 1e-9);
      expect(test.degrees).to.equal(expected.degrees);
      expect(test.pValue).to.be.closeTo(expected.pValue, 1e-10);
    }
  });

  it('raises an empty bin to a share of 0.0001 and stays finite', () => {
    const index = stabilityIndex({ previous: [50, 50], current: [100, 0] });
    expect(index).to.be.closeTo(0.5 * Math.log(2) + (1e-4 - 0.5) * Math.log(1e-4 / 0.5), 1e-12);
  });

  it('finds no difference between a sample and itself', () => {
    const counts = [30, 50, 20];
    expect(stabilityIndex({ previous: counts, current: counts })).to.equal(0);
    expect(chiSquareHomogeneity({ previous: counts, current: counts })!.pValue).to.equal(1);
  });

  it('pools bins that are too small for the test, and says nothing about one bin', () => {
    const test = chiSquareHomogeneity({ previous: [100, 100, 3, 1], current: [100, 100, 1, 4] })!;
    expect(test.degrees).to.equal(2);
    expect(chiSquareHomogeneity({ previous: [100], current: [90] })).to.equal(null);
    expect(chiSquareHomogeneity({ previous: [0, 0], current: [9, 9] })).to.equal(null);
  });
});
