import { expect } from 'chai';
import { stalePrices } from '../../../src/domain/price-age.js';

describe('the age of prices', () => {
  it('is fine for 180 days, and told from then on with both numbers', () => {
    const enteredOn = '2026-11-21';
    expect(stalePrices({ enteredOn, now: '2026-11-22T03:00:00Z' })).to.equal(null);
    expect(stalePrices({ enteredOn, now: '2027-05-20T23:59:59Z' })).to.equal(null);
    expect(stalePrices({ enteredOn, now: '2027-05-21T00:00:00Z' })).to.equal(
      'entered on 2026-11-21, 181 days ago > 180',
    );
    expect(stalePrices({ enteredOn: null, now: '2026-11-22T03:00:00Z' })).to.contain('nobody has said');
  });
});
