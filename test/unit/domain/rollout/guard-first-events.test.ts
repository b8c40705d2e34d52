import { expect } from 'chai';
import { RoaringBucketSet } from '../../../../src/adapters/bitmap/roaring-bucket-set.js';
import type { BucketSet } from '../../../../src/domain/rollout/bucket-set.js';
import { countFirstEvents } from '../../../../src/domain/rollout/guard-first-events.js';

const set = (...buckets: number[]): BucketSet => RoaringBucketSet.of(buckets);
const revision = (
  number: number,
  champion: { exposed: number[]; error: number[]; again?: number[] },
  challenger: { exposed: number[]; error: number[]; again?: number[] },
) => {
  const arm = ({ exposed, error, again = [] }: typeof champion) => ({
    exposed: set(...exposed),
    events: new Map([['error', set(...error)]]),
    again: new Map([['error', set(...again)]]),
  });
  return { revision: number, share: 0.05 * number, arms: { champion: arm(champion), challenger: arm(challenger) } };
};

describe('first events', () => {
  it("count once, in the arm and revision of the bucket's first", () => {
    const counted = countFirstEvents({
      empty: set(),
      revisions: [
        revision(2, { exposed: [1, 2, 7], error: [1, 2, 7] }, { exposed: [3, 4, 5], error: [3, 4] }),
        revision(1, { exposed: [1, 2, 3, 4], error: [1, 3] }, { exposed: [5], error: [] }),
      ],
    });
    expect(counted.map((one) => [one.revision, one.arms.champion.keys, one.arms.challenger.keys])).to.deep.equal([
      [1, 4, 1],
      [2, 1, 0],
    ]);
    expect(counted.map((one) => [one.arms.champion.events.error, one.arms.challenger.events.error])).to.deep.equal([
      [2, 0],
      [2, 1],
    ]);
  });

  it('count a bucket that repeats its event once more, within a revision and over several', () => {
    const counted = countFirstEvents({
      empty: set(),
      revisions: [
        revision(1, { exposed: [1, 2, 3, 4], error: [1, 2, 3], again: [1] }, { exposed: [5], error: [5], again: [5] }),
        revision(2, { exposed: [1, 2, 3], error: [1, 2], again: [1] }, { exposed: [3, 5, 6], error: [3, 6] }),
      ],
    });
    expect(counted.map((one) => [one.arms.champion.again!.error, one.arms.challenger.again!.error])).to.deep.equal([
      [1, 1],
      [1, 1],
    ]);
  });

  it('leave out a bucket that shows on both arms under one revision', () => {
    const [one] = countFirstEvents({
      empty: set(),
      revisions: [revision(1, { exposed: [1, 9], error: [9] }, { exposed: [2, 9], error: [9, 2] })],
    });
    expect(one!.arms).to.deep.equal({
      champion: { keys: 1, events: { error: 0 }, again: { error: 0 } },
      challenger: { keys: 1, events: { error: 1 }, again: { error: 0 } },
    });
  });
});
