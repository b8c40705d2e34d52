import { expect } from 'chai';
import { RateLimiter } from '../../../src/gateway/rate-limit.js';

describe('rate limit', () => {
  it('lets a burst of 100 in, then 50 a second, each key by itself', () => {
    const limiter = new RateLimiter();
    const allowed = (id: string, now: number, tries: number) =>
      Array.from({ length: tries }, () => limiter.take({ id, now })).filter((decision) => decision.allowed).length;
    expect(allowed('a', 0, 150)).to.equal(100);
    expect(allowed('b', 0, 1)).to.equal(1);
    expect(allowed('a', 1000, 150)).to.equal(50);
    expect(allowed('a', 60_000, 150)).to.equal(100);
  });

  it('says how many seconds to wait', () => {
    const limiter = new RateLimiter({ perSecond: 0.25, burst: 1 });
    expect(limiter.take({ id: 'a', now: 0 })).to.deep.equal({
      allowed: true,
      limit: 1,
      remaining: 0,
      retryAfterSeconds: 4,
    });
    expect(limiter.take({ id: 'a', now: 1000 })).to.include({ allowed: false, retryAfterSeconds: 3 });
    expect(limiter.take({ id: 'a', now: 4000 })).to.include({ allowed: true });
  });

  it('earns nothing from a clock that goes back', () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
    limiter.take({ id: 'a', now: 10_000 });
    expect(limiter.take({ id: 'a', now: 0 }).allowed).to.equal(false);
    expect(limiter.take({ id: 'a', now: 500 }).allowed).to.equal(false);
  });
});
