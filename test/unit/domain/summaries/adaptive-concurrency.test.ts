import { expect } from 'chai';
import fc from 'fast-check';
import {
  afterFailure,
  afterReply,
  type Concurrency,
  openConcurrency,
} from '../../../../src/domain/summaries/adaptive-concurrency.js';

const open = (atOnce = 32): Concurrency => openConcurrency({ most: 32, atOnce, now: 0 });
const replies = (state: Concurrency, count: number, milliseconds: number): Concurrency =>
  Array.from({ length: count }).reduce<Concurrency>((before) => afterReply(before, { milliseconds }), state);

describe('calls at a time', () => {
  it('stay at the most while the endpoint keeps its pace', () => {
    expect(replies(open(), 1000, 2000).atOnce).to.equal(32);
  });

  it('grow by one a round from where an earlier chunk ended', () => {
    expect(replies(open(4), 4, 100).atOnce).to.equal(5);
    expect(replies(open(4), 1000, 100).atOnce).to.equal(32);
  });

  it('are halved once by a burst of 429s, and pause as long as was asked', () => {
    const once = afterFailure(open(), { now: 0, retryAfterMilliseconds: 3000 });
    const burst = Array.from({ length: 20 }).reduce<Concurrency>(
      (state) => afterFailure(state, { now: 1, retryAfterMilliseconds: 3000 }),
      once,
    );
    expect(burst).to.include({ atOnce: 16, notBefore: 3001 });
  });

  it('pause longer each time the endpoint fails again', () => {
    const pauses: number[] = [];
    let state = open();
    for (let now = 0; pauses.length < 9; now = state.notBefore) {
      state = afterFailure(state, { now, retryAfterMilliseconds: null });
      pauses.push(state.notBefore - now);
    }
    expect(pauses.slice(0, 4)).to.deep.equal([500, 1000, 2000, 4000]);
    expect(pauses.at(-1)).to.equal(30_000);
    expect(state.atOnce).to.equal(1);
  });

  it('fall where replies take over twice as long as is usual, and rise again', () => {
    const usual = replies(open(), 200, 500);
    const queued = replies(usual, 20, 3000);
    expect(queued.atOnce).to.be.lessThan(26);
    expect(replies(queued, 2000, 500).atOnce).to.equal(32);
  });

  it('are never under one nor over the most', () => {
    const step = fc.oneof(
      fc.record({ milliseconds: fc.integer({ min: 0, max: 60_000 }) }),
      fc.record({ now: fc.integer({ min: 0, max: 1_000_000 }), retryAfterMilliseconds: fc.option(fc.nat(90_000)) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: -3, max: 90 }), (steps, atOnce) => {
        let state = open(atOnce);
        for (const one of steps) {
          state = 'milliseconds' in one ? afterReply(state, one) : afterFailure(state, one);
          if (state.atOnce < 1 || state.atOnce > 32) return false;
        }
        return true;
      }),
    );
  });
});
