import { expect } from 'chai';
import { RateLimiter } from '../../../src/gateway/rate-limit.js';

const midnight = Date.parse('2026-11-22T00:00:00Z');

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
    const limiter = new RateLimiter();
    const rate = { perSecond: 0.25, burst: 1 };
    expect(limiter.take({ id: 'a', rate, now: 0 })).to.deep.equal({
      allowed: true,
      by: 'rate',
      limit: 1,
      remaining: 0,
      resetSeconds: 4,
      retryAfterSeconds: 4,
      policy: '1;w=4, 10000;w=86400',
    });
    expect(limiter.take({ id: 'a', rate, now: 1000 })).to.include({ allowed: false, retryAfterSeconds: 3 });
    expect(limiter.take({ id: 'a', rate, now: 4000 })).to.include({ allowed: true });
  });

  it('earns nothing from a clock that goes back', () => {
    const limiter = new RateLimiter();
    const rate = { perSecond: 1, burst: 1 };
    limiter.take({ id: 'a', rate, now: 10_000 });
    expect(limiter.take({ id: 'a', rate, now: 0 }).allowed).to.equal(false);
    expect(limiter.take({ id: 'a', rate, now: 500 }).allowed).to.equal(false);
  });

  it('lets 10,000 in a day, until midnight in UTC', () => {
    const limiter = new RateLimiter();
    const rate = { perSecond: 1e6, burst: 1e6 };
    const noon = midnight - 12 * 3_600_000;
    let allowed = 0;
    for (let n = 0; n < 10_005; n += 1) allowed += Number(limiter.take({ id: 'a', rate, now: noon }).allowed);
    expect(allowed).to.equal(10_000);
    const refused = limiter.take({ id: 'a', rate, now: noon });
    expect(refused).to.include({ allowed: false, by: 'quota', limit: 10_000, remaining: 0, retryAfterSeconds: 43_200 });
    expect(limiter.take({ id: 'a', rate, now: midnight - 1 })).to.include({ allowed: false, retryAfterSeconds: 1 });
    expect(limiter.take({ id: 'a', rate, now: midnight })).to.include({ allowed: true, remaining: 9_999 });
  });

  it('knows keys without a quota', () => {
    const limiter = new RateLimiter();
    const decision = limiter.take({ id: 'a', rate: { perSecond: 1, burst: 20_000 }, quota: null, now: 0 });
    expect(decision).to.include({ by: 'rate', remaining: 19_999, policy: '20000;w=20000' });
  });

  it('takes what other gateways let in from the same bucket, also into debt, but not without end', () => {
    const limiter = new RateLimiter();
    limiter.take({ id: 'a', now: 0 });
    limiter.spend({ id: 'a', count: 149, today: 149, now: 0 });
    expect(limiter.take({ id: 'a', now: 0 })).to.include({ allowed: false, remaining: 0, retryAfterSeconds: 2 });
    expect(limiter.take({ id: 'a', now: 1020 }).allowed).to.equal(true);
    limiter.spend({ id: 'a', count: 1e6, today: 9_999, now: 1020 });
    expect(limiter.take({ id: 'a', now: 1020 }).retryAfterSeconds, 'the quota is used up').to.be.greaterThan(1000);
    expect(limiter.take({ id: 'a', quota: null, now: 1020 }).retryAfterSeconds).to.be.at.most(13);
  });

  it('goes on from what was let in before a restart', () => {
    const limiter = new RateLimiter();
    limiter.restore({ id: 'a', today: 9_999, now: midnight });
    expect(limiter.take({ id: 'a', now: midnight })).to.include({ allowed: true, by: 'quota', remaining: 0 });
    expect(limiter.take({ id: 'a', now: midnight })).to.include({ allowed: false });
    expect(limiter.admitted({ now: midnight })).to.deep.equal({ a: 10_000 });
    expect(limiter.admitted({ now: midnight + 86_400_000 })).to.deep.equal({});
  });
});
