import { expect } from 'chai';
import fc from 'fast-check';
import {
  logEvidenceAbove,
  logEvidenceBelow,
  meanAtAnyLook,
  tallyOf,
} from '../../../../src/domain/statistics/betting.js';
import { seededRandom } from '../../../../src/domain/statistics/random.js';

const repeated = (counts: Record<number, number>): Map<number, number> =>
  new Map(Object.entries(counts).map(([value, count]) => [Number(value), count]));

describe('evidence by betting', () => {
  it('is what 14 dollars of constant bets have become, by hand', () => {
    const fractions = Array.from({ length: 14 }, (_, k) => 0.005 * 180 ** (k / 13));
    // 3 wins, 2 losses and 4 ties against a mean of 0.45.
    const wealth = fractions.map((f) => (1 - f + f / 0.45) ** 3 * (1 - f) ** 2 * (1 - f + (f * 0.5) / 0.45) ** 4);
    const expected = Math.log(wealth.reduce((sum, one) => sum + one, 0) / 14);
    expect(logEvidenceAbove({ tally: repeated({ 1: 3, 0: 2, 0.5: 4 }), mean: 0.45 })).to.be.closeTo(expected, 1e-12);
  });

  it('says the same of the other side, mirrored, and does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0.5, 1), { minLength: 1, maxLength: 60 }), (values) => {
        const below = logEvidenceBelow({ tally: tallyOf(values), mean: 0.45 });
        const mirrored = logEvidenceAbove({ tally: tallyOf(values.map((one) => 1 - one).reverse()), mean: 0.55 });
        expect(below).to.be.closeTo(mirrored, 1e-9);
      }),
    );
  });

  it('reaches 1 / alpha at some of 1,000 looks in at most alpha of the streams whose mean is the limit', () => {
    const streams = 2000;
    const threshold = Math.log(1 / 0.05);
    for (const [seed, share] of [
      [1, 0.45],
      [2, 0.1],
    ] as const) {
      const random = seededRandom(seed);
      let crossed = 0;
      for (let stream = 0; stream < streams; stream += 1) {
        const tally = new Map([
          [0, 0],
          [1, 0],
        ]);
        for (let n = 1; n <= 1000; n += 1) {
          const value = random.uniform() < share ? 1 : 0;
          tally.set(value, tally.get(value)! + 1);
          if (n % 10 > 0 || logEvidenceAbove({ tally, mean: share }) < threshold) continue;
          crossed += 1;
          break;
        }
      }
      expect(crossed / streams).to.be.at.most(0.05);
      expect(crossed).to.be.greaterThan(0);
    }
  }).timeout(30_000);

  it('has an interval that holds the mean, narrows, and stays within 0 and 1', () => {
    const few = meanAtAnyLook({ tally: repeated({ 1: 6, 0: 4 }), level: 0.95 });
    const many = meanAtAnyLook({ tally: repeated({ 1: 600, 0: 400 }), level: 0.95 });
    expect(few.low).to.be.within(0, 0.6);
    expect(few.high).to.be.within(0.6, 1);
    expect(many.low).to.be.within(0.5, 0.6);
    expect(many.high).to.be.within(0.6, 0.7);
    expect(many.high - many.low).to.be.lessThan((few.high - few.low) / 3);
    const none = meanAtAnyLook({ tally: new Map(), level: 0.95 });
    expect([none.low, none.high]).to.deep.equal([0, 1]);
  });

  it('refuses a mean that nothing can be bet on', () => {
    for (const mean of [0, 1, -1, Number.NaN])
      expect(() => logEvidenceAbove({ tally: new Map(), mean })).to.throw(RangeError, 'expected over 0 and under 1');
  });
});
