import { expect } from 'chai';
import { cost } from '../../../../src/domain/evaluation/cost.js';
import { given } from './scoring.js';

describe('cost', () => {
  it('is the recorded cost, and unmeasured without one', () => {
    expect(cost.score(given({ answer: 'x', observed: { costUsd: 0.0004 } })).score).to.equal(0.0004);
    expect(cost.score(given({ answer: 'x', observed: { costUsd: 0 } })).score).to.equal(0);
    expect(cost.score(given({ answer: 'x' })).reason).to.equal('no cost was recorded');
  });
});
