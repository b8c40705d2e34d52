export interface Rate {
  perSecond: number;
  burst: number;
}

export interface LimitDecision {
  allowed: boolean;
  /** Which limit refuses, or is nearest to it. */
  by: 'rate' | 'quota';
  limit: number;
  remaining: number;
  /** Seconds until `remaining` is `limit` again, rounded up. */
  resetSeconds: number;
  /** Seconds until one more request is allowed, rounded up; 0 when it is already. */
  retryAfterSeconds: number;
  /** Both limits in the form of the header `RateLimit-Policy`. */
  policy: string;
}

interface Account {
  rate: Rate;
  tokens: number;
  at: number;
  day: number;
  /** Let in today by this gateway, and by the others as far as they have said. */
  own: number;
  others: number;
}

const daySeconds = 86_400;
const standardRate: Rate = { perSecond: 50, burst: 100 };
const standardQuota = 10_000;
/** Seconds of its rate that a key may be in debt for what other gateways let in: more would be unfair after a stall. */
const mostDebtSeconds = 10;

/** The day of a time in milliseconds since 1970, counted in UTC. */
export const dayOf = (now: number): number => Math.floor(now / (daySeconds * 1000));

/**
 * A token bucket and a daily quota for each API key. What other gateways let in is taken from the same bucket once it
 * is known (`spend`), so that a key may be in debt, and all gateways together keep the limit.
 */
export class RateLimiter {
  private readonly accounts = new Map<string, Account>();

  /** Takes one token of `id`. `now` in milliseconds; a clock that goes back refills nothing. `quota` null is none. */
  take(input: { id: string; rate?: Rate | undefined; quota?: number | null | undefined; now: number }): LimitDecision {
    const { id, rate = standardRate, quota = standardQuota, now } = input;
    const account = this.accountOf({ id, rate, now });
    const left = quota === null ? Infinity : quota - account.own - account.others;
    const allowed = account.tokens >= 1 && left >= 1;
    if (allowed) {
      account.tokens -= 1;
      account.own += 1;
    }
    const policy = policyOf({ rate, quota });
    const remainingToday = left - Number(allowed);
    if (quota !== null && (left < 1 || remainingToday < account.tokens)) {
      const untilMidnight = Math.ceil(daySeconds - (now / 1000 - account.day * daySeconds));
      const retryAfterSeconds = remainingToday >= 1 ? 0 : untilMidnight;
      const remaining = Math.max(0, remainingToday);
      return { allowed, by: 'quota', limit: quota, remaining, resetSeconds: untilMidnight, retryAfterSeconds, policy };
    }
    return {
      allowed,
      by: 'rate',
      limit: rate.burst,
      remaining: Math.max(0, Math.floor(account.tokens)),
      resetSeconds: Math.ceil((rate.burst - account.tokens) / rate.perSecond),
      retryAfterSeconds: Math.ceil(Math.max(0, 1 - account.tokens) / rate.perSecond),
      policy,
    };
  }

  /** Takes what other gateways let in: `count` since they were last asked, `today` in all. */
  spend({ id, count, today, now }: { id: string; count: number; today: number; now: number }): void {
    const account = this.accounts.get(id) ?? this.open({ id, rate: standardRate, now });
    refill({ account, now });
    const { perSecond, burst } = account.rate;
    account.tokens = Math.max(account.tokens - count, -burst - mostDebtSeconds * perSecond);
    account.others = today;
  }

  /** What this gateway let in today before it was started again. */
  restore({ id, today, now }: { id: string; today: number; now: number }): void {
    this.accountOf({ id, rate: this.accounts.get(id)?.rate ?? standardRate, now }).own += today;
  }

  /** What this gateway let in on the day of `now`, by key. */
  admitted({ now }: { now: number }): Record<string, number> {
    const today = [...this.accounts].filter(([, { day, own }]) => day === dayOf(now) && own > 0);
    return Object.fromEntries(today.map(([id, { own }]) => [id, own]));
  }

  private accountOf({ id, rate, now }: { id: string; rate: Rate; now: number }): Account {
    const account = this.accounts.get(id) ?? this.open({ id, rate, now });
    account.rate = rate;
    refill({ account, now });
    return account;
  }

  private open({ id, rate, now }: { id: string; rate: Rate; now: number }): Account {
    const account: Account = { rate, tokens: rate.burst, at: now, day: dayOf(now), own: 0, others: 0 };
    this.accounts.set(id, account);
    return account;
  }
}

function refill({ account, now }: { account: Account; now: number }): void {
  const { rate } = account;
  const earned = (Math.max(0, now - account.at) / 1000) * rate.perSecond;
  account.tokens = Math.min(rate.burst, account.tokens + earned);
  account.at = now;
  if (dayOf(now) > account.day) Object.assign(account, { day: dayOf(now), own: 0, others: 0 });
}

function policyOf({ rate, quota }: { rate: Rate; quota: number | null }): string {
  const window = Math.max(1, Math.round(rate.burst / rate.perSecond));
  return `${rate.burst};w=${window}${quota === null ? '' : `, ${quota};w=${daySeconds}`}`;
}
