/** Distribution functions that decisions rest on. Each is checked against scipy in test/fixtures/statistics. */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function for x > 0 (Lanczos, g = 7, 9 terms; relative error about 1e-14). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  const series = lanczos.reduce((sum, term, index) => (index === 0 ? term : sum + term / (shifted + index)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series);
}

/** Continued fraction of the incomplete beta function by Lentz's method (Numerical Recipes, section 6.4). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/** Regularised incomplete beta function I_x(a, b), 0 <= x <= 1, a and b > 0. */
export function incompleteBeta({ x, a, b }: { x: number; a: number; b: number }): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** P(T <= t) of Student's distribution. */
export function studentCdf({ t, degrees }: { t: number; degrees: number }): number {
  const tail = 0.5 * incompleteBeta({ x: degrees / (degrees + t * t), a: degrees / 2, b: 0.5 });
  return t > 0 ? 1 - tail : tail;
}

/** P(X <= successes) of the binomial distribution. */
export function binomialCdf({ successes, trials, p }: { successes: number; trials: number; p: number }): number {
  if (successes < 0) return 0;
  if (successes >= trials) return 1;
  return incompleteBeta({ x: 1 - p, a: trials - successes, b: successes + 1 });
}

/**
 * Two-sided exact binomial test: twice the smaller tail, at most 1 (the doubled one-sided test, which is valid whatever
 * the shape; scipy's `binomtest` sums the less likely outcomes instead and agrees for p = 0.5).
 */
export function binomialTest({ successes, trials, p }: { successes: number; trials: number; p: number }): number {
  const lower = binomialCdf({ successes, trials, p });
  const upper = binomialCdf({ successes: trials - successes, trials, p: 1 - p });
  return Math.min(1, 2 * Math.min(lower, upper));
}

/** The x at which a rising function reaches `target`, by bisection to the last bit that matters. */
function invert({ cdf, target, low, high }: { cdf: (x: number) => number; target: number; low: number; high: number }) {
  let [from, to] = [low, high];
  for (let step = 0; step < 200 && to - from > 1e-14 * Math.max(1, Math.abs(from)); step += 1) {
    const middle = (from + to) / 2;
    if (cdf(middle) < target) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** Quantile of Student's distribution; `degrees` = Infinity is the normal distribution. 1e-9 < p < 1 - 1e-9. */
export function studentQuantile({ p, degrees }: { p: number; degrees: number }): number {
  if (p < 0.5) return -studentQuantile({ p: 1 - p, degrees });
  if (!Number.isFinite(degrees)) return normalQuantile(p);
  return invert({ cdf: (t) => studentCdf({ t, degrees }), target: p, low: 0, high: 1e6 });
}

/** Quantile of the standard normal distribution, 1e-9 < p < 1 - 1e-9. */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  return invert({ cdf: normalCdf, target: p, low: 0, high: 8 });
}

/** P(Z <= z) of the standard normal distribution, by the incomplete gamma function's series and fraction. */
export function normalCdf(z: number): number {
  const x = (z * z) / 2;
  const tail = 0.5 * upperGamma({ a: 0.5, x });
  return z > 0 ? 1 - tail : tail;
}

/** P(X > x) of the chi-square distribution. */
export const chiSquareTail = ({ x, degrees }: { x: number; degrees: number }): number =>
  upperGamma({ a: degrees / 2, x: x / 2 });

/** Regularised upper incomplete gamma function Q(a, x), a > 0, x >= 0; Q(1/2, x) is the normal tails beyond sqrt(2x). */
function upperGamma({ a, x }: { a: number; x: number }): number {
  const front = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x === 0) return 1;
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-17; n += 1) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n <= 1000; n += 1) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return front * fraction;
}
