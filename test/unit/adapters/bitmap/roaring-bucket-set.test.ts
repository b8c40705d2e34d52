import { expect } from 'chai';
import fc from 'fast-check';
import { RoaringBucketSet } from '../../../../src/adapters/bitmap/roaring-bucket-set.js';

const buckets = fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 20 - 1 }), { maxLength: 200 });

describe('RoaringBucketSet', () => {
  it('agrees with a plain set on union, difference, membership and size', () => {
    fc.assert(
      fc.property(buckets, buckets, (left, right) => {
        const [a, b] = [RoaringBucketSet.of(left), RoaringBucketSet.of(right)];
        const rightSet = new Set(right);
        const sorted = (values: Iterable<number>) => [...values].sort((x, y) => x - y);
        expect(a.or(b).values()).to.deep.equal(sorted(new Set([...left, ...right])));
        expect(a.andNot(b).values()).to.deep.equal(sorted(left.filter((bucket) => !rightSet.has(bucket))));
        expect(a.size).to.equal(left.length);
        for (const bucket of right) expect(a.has(bucket)).to.equal(left.includes(bucket));
        a.absorb(b);
        expect(a.size).to.equal(new Set([...left, ...right]).size);
      }),
    );
  });

  it('comes back from base64 as it was', () => {
    fc.assert(
      fc.property(buckets, (values) => {
        const text = RoaringBucketSet.of(values).toBase64();
        expect(RoaringBucketSet.fromBase64(text).values()).to.deep.equal([...values].sort((a, b) => a - b));
      }),
    );
  });

  it('says whether an added bucket is new', () => {
    const set = RoaringBucketSet.empty();
    expect([set.add(7), set.add(7), set.add(2 ** 20 - 1)]).to.deep.equal([true, false, true]);
  });

  it('refuses what is no bitmap', () => {
    const whole = RoaringBucketSet.of([1, 2, 70_000]).toBase64();
    for (const text of ['', 'AAAA', 'no base64 at all!', whole.slice(0, 20), `AAAA${whole}`])
      expect(() => RoaringBucketSet.fromBase64(text), text).to.throw(RangeError, /expected a portable Roaring bitmap/);
  });
});
