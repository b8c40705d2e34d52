import { analyseComparison } from '../analysis/analyse-comparison.js';
import { holmAdjust } from '../statistics/holm.js';

const alpha = 0.05;

/** A way of finding beside the one that is in use, on the same questions. */
export interface WayDifference {
  mean: number;
  /** The 95 % interval of this difference by itself; null where there is too little to tell. */
  low: number | null;
  high: number | null;
  /** That no way is better than the one in use, looked at as often as there are ways (Holm 1979). */
  pValue: number;
}

/**
 * Compares ways of finding by one score a question. The first is in use, and stays the winner unless another is better
 * whatever number of ways was tried: with thirty of them, one in use would else lose to chance more often than not.
 * @param questions in the order of the scores; those of one cluster count as one voice
 */
export function chooseWay({
  metric,
  questions,
  scores,
}: {
  metric: string;
  questions: readonly { id: string; cluster: string }[];
  scores: readonly (readonly number[])[];
}): { winner: number; differences: (WayDifference | null)[] } {
  const rows = (own: readonly number[]) =>
    questions.map(({ id, cluster }, index) => ({ id, cluster, score: own[index]! }));
  const [inUse, ...others] = scores.map(rows);
  const compared = others.map((challenger) => analyseComparison({ metric, champion: inUse!, challenger }));
  const adjusted = holmAdjust(compared.map(({ pValue }) => pValue ?? 1));
  const differences = compared.map(({ difference, interval: { low, high } }, index) => ({
    ...{ mean: difference ?? 0, low, high, pValue: adjusted[index]! },
  }));
  let winner = 0;
  let best = 0;
  for (const [index, { mean, pValue }] of differences.entries()) {
    if (pValue > alpha || mean <= best) continue;
    winner = index + 1;
    best = mean;
  }
  return { winner, differences: [null, ...differences] };
}
