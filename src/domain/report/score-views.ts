import { metricShape } from '../evaluation/scorers.js';
import type { Better } from '../statistics/contrast.js';
import type { MetricScores } from './report-input.js';

export type ArmName = 'challenger' | 'champion' | 'baseline';

export interface Histogram {
  /** Borders of the bins, one more than there are shares. */
  edges: number[];
  /** Share of the values in each bin, 0..1. */
  shares: number[];
}

export interface ArmScores {
  arm: ArmName;
  n: number;
  mean: number;
  histogram: Histogram;
}

export interface DifferencesView {
  n: number;
  mean: number;
  better: number;
  same: number;
  worse: number;
  /** Bins of equal width with one centred on 0, so that ties do not lean to a side. */
  histogram: Histogram;
}

export interface MetricView {
  metric: string;
  /** Which way the metric is good. */
  direction: Better;
  arms: ArmScores[];
  /** Challenger minus champion, case by case; null without a champion on the same cases. */
  differences: DifferencesView | null;
}

const scoreBins = 20;
const differenceBins = 21;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Shares of values in bins of equal width from `low` to `high`; a value on the upper border is in the last bin. */
export function histogram({
  values,
  low,
  high,
  bins,
}: {
  values: readonly number[];
  low: number;
  high: number;
  bins: number;
}): Histogram {
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)));
    counts[bin]! += 1;
  }
  const edges = Array.from({ length: bins + 1 }, (_, index) => low + index * width);
  return { edges, shares: counts.map((count) => count / Math.max(1, values.length)) };
}

/** Distributions of one metric: every arm over the same bins, and the paired differences. */
export function metricView({ metric, challenger, champion, baseline }: MetricScores): MetricView {
  const given: [ArmName, number[] | null][] = [
    ['challenger', challenger],
    ['champion', champion],
    ['baseline', baseline],
  ];
  const measured = given.flatMap(([arm, values]) => (values && values.length > 0 ? [{ arm, values }] : []));
  let low = 0;
  let high = 1;
  for (const { values } of measured) {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const direction = metricShape(metric).better;
  return {
    metric,
    direction,
    arms: measured.map(({ arm, values }) => ({
      arm,
      n: values.length,
      mean: mean(values),
      histogram: histogram({ values, low, high, bins: scoreBins }),
    })),
    differences:
      champion && champion.length === challenger.length ? differencesView({ challenger, champion, direction }) : null,
  };
}

function differencesView({
  challenger,
  champion,
  direction,
}: {
  challenger: readonly number[];
  champion: readonly number[];
  direction: Better;
}): DifferencesView | null {
  if (challenger.length === 0) return null;
  const values = challenger.map((score, index) => score - champion[index]!);
  const gains = direction === 'higher' ? values : values.map((value) => -value);
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return {
    n: values.length,
    mean: mean(values),
    better: gains.filter((gain) => gain > 0).length,
    same: values.filter((value) => value === 0).length,
    worse: gains.filter((gain) => gain < 0).length,
    histogram: histogram({ values, low: -reach, high: reach, bins: differenceBins }),
  };
}
