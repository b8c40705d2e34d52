import { comparePaired } from '../statistics/compare-paired.js';
import { holmAdjust } from '../statistics/holm.js';
import { pairCases } from '../statistics/paired-cases.js';
import { underFloors } from '../statistics/floors.js';
import { slicesOf } from './aggregate.js';
import type { ScoreRow } from './score-answers.js';
import { metricShape } from './scorers.js';

export interface SliceComparison {
  tag: string;
  value: string;
  metric: string;
  n: number;
  /** Challenger minus champion. */
  difference: number;
  low: number;
  high: number;
  /** Adjusted over all slices of the call (Holm). */
  pValue: number;
  /** Whether the slice is named as harmed: significantly worse after adjustment, and over the floors. */
  harmed: boolean;
  /** Whether it is under the floors: then its interval tells little, and decides nothing. */
  few: boolean;
}

/**
 * Both arms by slice, for the report and for naming a slice as harmed. A slice with no common case is left out, and so is
 * a tag that has one value on all cases.
 */
export function compareSlices({
  champion,
  challenger,
  metrics,
  slices,
  alpha,
  seed,
  resamples = 2000,
}: {
  champion: readonly ScoreRow[];
  challenger: readonly ScoreRow[];
  metrics: readonly string[];
  slices: readonly string[];
  alpha: number;
  seed: number;
  resamples?: number;
}): SliceComparison[] {
  const compared = metrics.flatMap((metric) => {
    const [ours, theirs] = [champion, challenger].map((rows) => rows.filter((row) => row.metric === metric));
    const { better } = metricShape(metric);
    return slices.flatMap((tag) => {
      const slice = slicesOf({ rows: theirs!, tag });
      const values = [...new Set(slice.values())].sort();
      if (values.length === 1 && slice.size === theirs!.length) return [];
      return values.flatMap((value) => {
        const inSlice = (row: ScoreRow): boolean => slice.get(row.id) === value;
        const cases = pairCases({ champion: ours!.filter(inSlice), challenger: theirs!.filter(inSlice) });
        if (cases.pairs.length === 0) return [];
        const claim = { decision: 'superior', kind: 'absolute', size: 0, better } as const;
        const result = comparePaired({ cases, claim, alpha, seed, resamples });
        const { n, difference, pValue, clusters, untied } = result;
        const few = underFloors({ clusters, untied }) !== null;
        const worse = result.contrast.estimate < 0 && !few;
        const { low, high } = result.interval;
        return [{ tag, value, metric, n, difference, low, high, pValue, worse, few }];
      });
    });
  });
  const adjusted = holmAdjust(compared.map((one) => one.pValue));
  return compared.map(({ worse, ...one }, index) => ({
    ...one,
    pValue: adjusted[index]!,
    harmed: worse && adjusted[index]! <= alpha,
  }));
}
