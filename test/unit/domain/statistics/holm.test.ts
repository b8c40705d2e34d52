import { expect } from 'chai';
import { holmAdjust } from '../../../../src/domain/statistics/holm.js';
import { fixtures } from './fixtures.js';

describe('Holm', () => {
  it('agrees with statsmodels', () => {
    const { p, adjusted } = fixtures.tests.holm;
    holmAdjust(p).forEach((value, index) => expect(value).to.be.closeTo(adjusted[index]!, 1e-12));
  });
  it('has nothing to adjust in an empty list', () => expect(holmAdjust([])).to.deep.equal([]));
});
