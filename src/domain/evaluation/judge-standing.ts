import { formatNumber } from '../statistics/format.js';
import { wilsonInterval } from '../statistics/wilson.js';
import type { JudgeCalibration } from './judge-calibration.js';

/** What a judge's scores of a metric may do: decide gates, decide because the spec says so, or inform only. */
export interface JudgeStanding {
  metric: string;
  standing: 'calibrated' | 'allowed' | 'informs';
  reason: string;
}

/** Labels given since the calibration, in so far as the judge agreed with them. */
export interface RecentAgreement {
  agreed: number;
  labels: number;
}

/**
 * Whether a judge may decide: its calibration is of this judge and rubric, has not expired, and has not drifted, which is
 * where the agreement of recent labels lies wholly below that of the calibration (Wilson's interval at 99 %).
 * @param calibration null where the judge was never calibrated for the metric.
 * @param now ISO 8601.
 */
export function standingOf({
  metric,
  judge,
  rubricDigest,
  calibration,
  now,
  recent = null,
  allowUncalibrated,
}: {
  metric: string;
  judge: string;
  rubricDigest: string;
  calibration: JudgeCalibration | null;
  now: string;
  recent?: RecentAgreement | null;
  allowUncalibrated: readonly string[];
}): JudgeStanding {
  const problem = problemOf({ judge, rubricDigest, calibration, now, recent });
  if (problem === null) return { metric, standing: 'calibrated', reason: calibration!.reason };
  if (allowUncalibrated.includes(metric))
    return { metric, standing: 'allowed', reason: `${problem}; allowUncalibrated names ${metric}` };
  return { metric, standing: 'informs', reason: `${problem}; run understudy judge calibrate` };
}

function problemOf({
  judge,
  rubricDigest,
  calibration,
  now,
  recent,
}: Pick<Parameters<typeof standingOf>[0], 'judge' | 'rubricDigest' | 'calibration' | 'now'> & {
  recent: RecentAgreement | null;
}): string | null {
  if (calibration === null) return 'the judge was never calibrated';
  if (calibration.judge !== judge) return `the calibration is of judge ${calibration.judge}, not ${judge}`;
  if (calibration.rubricDigest !== rubricDigest) return 'the rubric changed since the calibration';
  if (Date.parse(calibration.expires) <= Date.parse(now)) return `the calibration expired at ${calibration.expires}`;
  if (calibration.verdict === 'weak') return calibration.reason;
  if (recent === null || recent.labels === 0) return null;
  const share = recent.agreed / recent.labels;
  const { high } = wilsonInterval({ share, n: recent.labels, level: 0.99 });
  const { low } = calibration.agreement.interval;
  return high < low
    ? `the judge drifted: agreement ${formatNumber(share)} of ${recent.labels} recent labels, at most ${formatNumber(high)} < ${formatNumber(low)} at the calibration`
    : null;
}
