import { expect } from 'chai';
import { cosine } from '../../../../src/domain/evaluation/cosine.js';
import { cosineToReference } from '../../../../src/domain/evaluation/cosine-to-reference.js';
import { given } from './scoring.js';

describe('cosine', () => {
  it('is the angle between two vectors', () => {
    expect(cosine({ one: [1, 2, 3], other: [4, -5, 6] })).to.be.closeTo(12 / Math.sqrt(14 * 77), 1e-15);
    expect(cosine({ one: [2, 0], other: [-3, 0] })).to.equal(-1);
    expect(cosine({ one: [0.1, 0.3, 0.7], other: [0.1, 0.3, 0.7] })).to.be.closeTo(1, 1e-15);
  });

  it('is null where a vector has no direction', () => {
    expect(cosine({ one: [0, 0], other: [1, 0] })).to.equal(null);
    expect(cosine({ one: [NaN, 0], other: [1, 0] })).to.equal(null);
  });

  it('refuses vectors of different models', () =>
    expect(() => cosine({ one: [1], other: [1, 2] })).to.throw(RangeError, '1 and 2 dimensions'));
});

describe('cosineToReference', () => {
  it('is what was observed, and nothing else', () => {
    const score = (value: number) =>
      cosineToReference.score(given({ answer: 'x', observed: { cosineToReference: value } }));
    expect(score(0.83).score).to.equal(0.83);
    expect(score(-0.1).score).to.equal(-0.1);
    expect(score(NaN).reason).to.equal('the cosine is NaN: expected a number from -1 to 1');
    expect(score(1.2).score).to.equal(null);
    expect(cosineToReference.score(given({ answer: 'x' })).reason).to.equal(
      'answer and reference were not embedded: no embedder is configured',
    );
  });
});
