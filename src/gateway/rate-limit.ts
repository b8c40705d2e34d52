export interface Rate {
  perSecond: number;
  burst: number;
}

export interface RateDecision {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Seconds until one more request is allowed, rounded up; 0 when it is already. */
  retryAfterSeconds: number;
}

/** A token bucket for each API key, of this process. */
export class RateLimiter {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(private readonly standard: Rate = { perSecond: 50, burst: 100 }) {}

  /** Takes one token of `id`. `now` in milliseconds; a clock that goes back refills nothing. */
  take({ id, rate = this.standard, now }: { id: string; rate?: Rate | undefined; now: number }): RateDecision {
    let bucket = this.buckets.get(id);
    if (!bucket) this.buckets.set(id, (bucket = { tokens: rate.burst, at: now }));
    const earned = (Math.max(0, now - bucket.at) / 1000) * rate.perSecond;
    bucket.tokens = Math.min(rate.burst, bucket.tokens + earned);
    bucket.at = now;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    const missing = Math.max(0, 1 - bucket.tokens);
    return {
      allowed,
      limit: rate.burst,
      remaining: Math.floor(bucket.tokens),
      retryAfterSeconds: Math.ceil(missing / rate.perSecond),
    };
  }
}
