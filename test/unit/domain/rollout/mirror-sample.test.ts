import { expect } from 'chai';
import fc from 'fast-check';
import { isMirrored } from '../../../../src/domain/rollout/mirror-sample.js';

describe('sample of the mirror', () => {
  const ids = Array.from({ length: 20_000 }, (_, n) => `answer ${n}`);

  it('takes nobody at 0, everybody at 1, and the share in between', () => {
    const taken = (share: number) => ids.filter((id) => isMirrored({ id, share })).length / ids.length;
    expect([taken(0), taken(1)]).to.deep.equal([0, 1]);
    for (const share of [0.01, 0.25, 0.5]) expect(taken(share)).to.be.closeTo(share, 0.015);
  });

  it('only adds requests when the share rises', () => {
    const shares = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.string(), shares, shares, (id, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        return !isMirrored({ id, share: low }) || isMirrored({ id, share: high });
      }),
    );
  });
});
