import { expect } from 'chai';
import {
  binomialCdf,
  binomialTest,
  logGamma,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from '../../../../src/domain/statistics/distributions.js';
import { fixtures } from './fixtures.js';

/** Each row holds the arguments and, last, what scipy says. */
function agrees(name: string, ours: (...args: number[]) => number, tolerance = 1e-11): void {
  it(`${name} agrees with scipy`, () => {
    const rows = fixtures.distributions[name]!;
    expect(rows.length).to.be.greaterThan(3);
    for (const row of rows) {
      const expected = row.at(-1)!;
      const actual = ours(...row.slice(0, -1));
      expect(actual, `${name}(${row.slice(0, -1).join(', ')})`).to.be.closeTo(
        expected,
        tolerance * Math.max(1e-3, Math.abs(expected)),
      );
    }
  });
}

describe('distributions', () => {
  agrees('logGamma', (x) => logGamma(x), 1e-12);
  agrees('normalCdf', (z) => normalCdf(z));
  agrees('normalQuantile', (p) => normalQuantile(p));
  agrees('studentCdf', (t, degrees) => studentCdf({ t: t, degrees: degrees }));
  agrees('studentQuantile', (p, degrees) => studentQuantile({ p: p, degrees: degrees }));
  agrees('binomialCdf', (k, n, p) => binomialCdf({ successes: k, trials: n, p: p }), 1e-8);
  agrees('binomialTestHalf', (k, n) => binomialTest({ successes: k, trials: n, p: 0.5 }), 1e-10);
});
