import { expect } from 'chai';
import { RoaringBucketSet } from '../../../src/adapters/bitmap/roaring-bucket-set.js';
import { ArmCounters } from '../../../src/gateway/arm-counters.js';

const again = (counters: ArmCounters, event: string): number =>
  RoaringBucketSet.fromBase64(counters.snapshot().events[event]!.again!).size;

describe('buckets with an event more than once', () => {
  it('count from the second event on, each event for itself', () => {
    const counters = new ArmCounters();
    for (const bucket of [1, 2, 2, 3, 3, 3]) counters.attempt({ bucket, milliseconds: 1, events: ['error'] });
    counters.event({ event: 'thumbsDown', bucket: 2 });
    expect([again(counters, 'error'), again(counters, 'thumbsDown')]).to.deep.equal([2, 0]);
  });

  it('are kept over a restart, also by a gateway that did not count them before', () => {
    const before = new ArmCounters();
    for (const bucket of [1, 1, 2]) before.event({ event: 'error', bucket });
    const stored = before.snapshot();
    const after = new ArmCounters();
    after.absorb({ stored, known: null });
    expect(again(after, 'error')).to.equal(1);
    after.event({ event: 'error', bucket: 2 });
    expect(again(after, 'error')).to.equal(2);
    const { count, buckets } = stored.events.error!;
    const old = new ArmCounters();
    old.absorb({ stored: { ...stored, events: { error: { count, buckets } } }, known: null });
    expect(again(old, 'error')).to.equal(0);
  });
});
