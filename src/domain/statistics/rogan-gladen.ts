import { betaDraws } from './beta-draws.js';
import { defaultResamples } from './cluster-bootstrap.js';
import { clusteredShare, type ClusteredShare } from './clustered-share.js';
import { floors } from './floors.js';
import { formatInterval, formatNumber } from './format.js';
import type { Interval } from './mean-inference.js';

/** A yes or no that a judge gave, in the cluster of its case. */
export interface JudgedCase {
  cluster: string;
  yes: boolean;
}

/** What the judge said of answers of which people said yes (`positives`) and no (`negatives`). */
export interface JudgedLabels {
  positives: readonly JudgedCase[];
  negatives: readonly JudgedCase[];
}

export interface CorrectedRate {
  verdict: 'estimated' | 'refused';
  reason: string;
  /** Share of yes by the judge, as it stands. */
  judged: number;
  /** The corrected rate; null where it is refused. */
  rate: number | null;
  interval: Interval | null;
  /** Sensitivity + specificity - 1, and its lower bound. */
  youden: { value: number; low: number } | null;
}

/** Under this the correction divides by too little to mean anything. */
export const leastYouden = 0.3;

/**
 * The true rate of a yes/no metric from a judge of known sensitivity and specificity (Rogan and Gladen 1978). All three
 * shares are drawn anew from their Jeffreys distributions, clusters counted by their effective number, so that what the
 * calibration does not know widens the interval (Flor, Weiss, Selhorst, Mueller-Graf and Greiner 2020 compare the methods).
 * Refused where sensitivity + specificity - 1 may be under 0.3, or where calibration or cases are under the floors.
 * @param alpha two-sided.
 * @throws RangeError when the judge said nothing of any case.
 */
export function correctRate({
  cases,
  labels,
  alpha,
  seed,
  resamples = defaultResamples,
}: {
  cases: readonly JudgedCase[];
  labels: JudgedLabels;
  alpha: number;
  seed: number;
  resamples?: number;
}): CorrectedRate {
  const judged = clusteredShare({ cases, alpha });
  const refused = (reason: string, youden: CorrectedRate['youden'] = null): CorrectedRate => ({
    ...{ verdict: 'refused', reason, judged: judged.share, rate: null, interval: null, youden },
  });
  const few = tooFew({ judged, labels });
  if (few !== null) return refused(few);
  const sensitivity = clusteredShare({ cases: labels.positives, alpha });
  const called = clusteredShare({ cases: labels.negatives, alpha });
  const draw = betaDraws(seed);
  const again = ({ share, effective }: ClusteredShare): number =>
    draw({ a: share * effective + 0.5, b: (1 - share) * effective + 0.5 });
  const rates = new Float64Array(resamples);
  const youdens = new Float64Array(resamples);
  for (let b = 0; b < resamples; b += 1) {
    const falsePositives = again(called);
    youdens[b] = again(sensitivity) - falsePositives;
    rates[b] = corrected({ share: again(judged), falsePositives, youden: youdens[b]! });
  }
  rates.sort();
  youdens.sort();
  const rank = Math.max(1, Math.floor((alpha / 2) * (resamples + 1) + 1e-9));
  const youden = { value: sensitivity.share - called.share, low: youdens[rank - 1]! };
  const quality = `sensitivity ${formatNumber(sensitivity.share)} and specificity ${formatNumber(1 - called.share)} of ${sensitivity.n} and ${called.n} labels`;
  if (youden.low < leastYouden)
    return refused(
      `sensitivity + specificity - 1 may be as low as ${formatNumber(youden.low)} < ${leastYouden}: ${quality}; label more answers, or mend the judge`,
      youden,
    );
  const rate = corrected({ share: judged.share, falsePositives: called.share, youden: youden.value });
  const interval = { level: 1 - alpha, low: rates[rank - 1]!, high: rates[resamples - rank]! };
  const reason = `judge says ${formatNumber(judged.share)} of ${judged.n} cases, corrected ${formatNumber(rate)} (${formatInterval(interval)}), by ${quality}`;
  return { verdict: 'estimated', reason, judged: judged.share, rate, interval, youden };
}

/** A judge no better than chance says nothing of the rate: anything from 0 to 1, which end by chance. */
function corrected({
  share,
  falsePositives,
  youden,
}: {
  share: number;
  falsePositives: number;
  youden: number;
}): number {
  if (youden <= 0) return share > falsePositives ? 1 : 0;
  return Math.min(1, Math.max(0, (share - falsePositives) / youden));
}

function tooFew({ judged, labels }: { judged: ClusteredShare; labels: JudgedLabels }): string | null {
  const short = (['positives', 'negatives'] as const).flatMap((side) =>
    labels[side].length < floors.untiedCases ? [`${labels[side].length} labelled ${side} < ${floors.untiedCases}`] : [],
  );
  if (judged.clusters < floors.clusters) short.push(`${judged.clusters} clusters < ${floors.clusters}`);
  return short.length === 0 ? null : `too little to correct the judge's rate: ${short.join(' and ')}`;
}
