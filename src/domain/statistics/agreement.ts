import { inferMean, intervalOf, type Interval } from './mean-inference.js';
import { sumByCluster } from './paired-cases.js';

/** What two raters said of one case; the same scale for both. */
export interface RatedCase {
  cluster: string;
  human: number;
  judge: number;
}

export interface Estimate {
  value: number;
  interval: Interval;
}

export interface Agreement {
  /** Share of cases with the same rating. */
  agreement: Estimate;
  /** Cohen's kappa; null where one of the raters gave one and the same rating throughout. */
  kappa: Estimate | null;
}

/**
 * Agreement and Cohen's kappa (Cohen 1960; weighted by squared distance, Cohen 1968). The interval of kappa is that of
 * its linearised values (Fleiss, Cohen and Everitt 1969) over clusters.
 * @param weights `quadratic` for ordered ratings: a near miss counts less.
 * @throws RangeError without a case.
 */
export function agreementOf({
  cases,
  weights = null,
  alpha,
  seed,
  resamples,
}: {
  cases: readonly RatedCase[];
  weights?: 'quadratic' | null;
  alpha: number;
  seed: number;
  resamples?: number;
}): Agreement {
  const estimate = (value: (one: RatedCase) => number): Estimate => {
    const values = cases.map((one) => ({ cluster: one.cluster, value: value(one) }));
    const clusters = sumByCluster(values);
    const informative = clusters.sums.length;
    const mean = inferMean({ clusters, informative, seed, ...(resamples === undefined ? {} : { resamples }) });
    return { value: mean.estimate, interval: intervalOf({ mean, level: 1 - alpha }) };
  };
  const linear = kappaValues({ cases, weights });
  const unit = ({ value, interval }: Estimate, low: number): Estimate => ({
    value,
    interval: { ...interval, low: Math.max(low, interval.low), high: Math.min(1, interval.high) },
  });
  return {
    agreement: unit(
      estimate((one) => Number(one.human === one.judge)),
      0,
    ),
    kappa: linear && unit(estimate(linear), -1),
  };
}

/** Kappa plus each case's influence on it: their mean is kappa, their spread its error. */
function kappaValues({
  cases,
  weights,
}: {
  cases: readonly RatedCase[];
  weights: 'quadratic' | null;
}): ((one: RatedCase) => number) | null {
  const distance = (a: number, b: number): number => (weights === null ? Number(a !== b) : (a - b) ** 2);
  const human = sharesOf(cases.map((one) => one.human));
  const judge = sharesOf(cases.map((one) => one.judge));
  const apart = (shares: Map<number, number>, from: number): number =>
    [...shares].reduce((sum, [rating, share]) => sum + share * distance(rating, from), 0);
  const seen = cases.reduce((sum, one) => sum + distance(one.human, one.judge), 0) / cases.length;
  const chance = [...human].reduce((sum, [rating, share]) => sum + share * apart(judge, rating), 0);
  if (chance === 0) return null;
  const kappa = 1 - seen / chance;
  const byHuman = new Map([...human.keys()].map((rating) => [rating, apart(judge, rating)]));
  const byJudge = new Map([...judge.keys()].map((rating) => [rating, apart(human, rating)]));
  return (one) => {
    const expected = byHuman.get(one.human)! + byJudge.get(one.judge)! - 2 * chance;
    return kappa - (distance(one.human, one.judge) - seen) / chance + (seen / chance ** 2) * expected;
  };
}

function sharesOf(ratings: readonly number[]): Map<number, number> {
  const shares = new Map<number, number>();
  for (const rating of ratings) shares.set(rating, (shares.get(rating) ?? 0) + 1 / ratings.length);
  return shares;
}
