import { expect } from 'chai';
import { wilsonInterval } from '../../../../src/domain/statistics/wilson.js';
import { fixtures } from './fixtures.js';

describe('score interval of a share', () => {
  // Newcombe 1998, table I, method 3.
  for (const [successes, trials, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const)
    it(`is ${low} to ${high} for ${successes} of ${trials}`, () => {
      const interval = wilsonInterval({ share: successes / trials, n: trials, level: 0.95 });
      expect(interval.low).to.be.closeTo(low, 5e-5);
      expect(interval.high).to.be.closeTo(high, 5e-5);
    });

  it('is that of statsmodels', () => {
    for (const [successes, n, low, high] of fixtures.intervals.wilson as [number, number, number, number][]) {
      const interval = wilsonInterval({ share: successes / n, n, level: 0.95 });
      expect(interval.low).to.be.closeTo(low, 1e-10);
      expect(interval.high).to.be.closeTo(high, 1e-10);
    }
  });

  it('is refused without trials', () => {
    expect(() => wilsonInterval({ share: 0, n: 0, level: 0.95 })).to.throw(RangeError, 'expected more than none');
  });
});
