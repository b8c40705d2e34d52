import { expect } from 'chai';
import { latency } from '../../../../src/domain/evaluation/latency.js';
import { given } from './scoring.js';

describe('latency', () => {
  it('is the recorded time, and unmeasured without one', () => {
    const score = (milliseconds: number) => latency.score(given({ answer: 'x', observed: { milliseconds } }));
    expect(score(412.5).score).to.equal(412.5);
    expect(score(-1).reason).to.equal('latency is -1: expected a number from 0');
    expect(score(NaN).score).to.equal(null);
    expect(latency.score(given({ answer: 'x' })).reason).to.equal('no latency was recorded');
  });
});
